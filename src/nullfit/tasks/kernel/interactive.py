"""The twin of `nullfit.tasks.kernel.figure`."""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts import style
from nullfit.charts.interactive import finish, plain, symbol
from nullfit.tasks.kernel.figure import COLUMNS, Column, heights_of
from nullfit.tasks.kernel.kernel_settings import KernelSetting

_LINE, _AROUND = 30, 130  # pixels


def kernels(settings: Sequence[KernelSetting]) -> go.Figure:
    """Training error, test error and norm of every setting."""
    heights, middles = heights_of(settings)
    figure = make_subplots(
        rows=1, cols=len(COLUMNS), shared_yaxes=True, horizontal_spacing=0.04,
        subplot_titles=[column.title for column in COLUMNS],
    )  # fmt: skip
    for place, column in enumerate(COLUMNS, start=1):
        seen: set[str] = set()
        for setting, height in zip(settings, heights, strict=True):
            named = place == 1 and setting.label not in seen
            seen.add(setting.label)
            figure.add_trace(_point(setting, column, height, named=named), 1, place)
        kind = {"type": "log", "dtick": "D2"} if column.logarithmic else {"rangemode": "tozero"}
        figure.update_xaxes(**kind, col=place)
    names = [plain(name).replace(", ", ",<br>") for name in middles]
    result = finish(figure, round((1 - heights[-1]) * _LINE + _AROUND))
    result.update_yaxes(
        tickvals=list(middles.values()), ticktext=names, range=[heights[-1] - 0.8, 0.8],
        showgrid=False, ticks="",
    )  # fmt: skip
    return result


def _point(setting: KernelSetting, column: Column, height: float, *, named: bool) -> go.Scatter:
    look, found = style.look(setting.corruption), setting.spread(column.metric)
    shown = None if found is None else found.over(column.unit)
    return go.Scatter(
        x=[None if shown is None else shown.mean],
        y=[height],
        error_x={
            "type": "data",
            "array": [0 if shown is None else shown.high - shown.mean],
            "arrayminus": [0 if shown is None else shown.mean - shown.low],
            "thickness": 1.2,
            "width": 0,
        },
        mode="markers",
        name=plain(setting.label),
        legendgroup=setting.label,
        showlegend=named,
        marker={"color": look.color, "size": 9, "symbol": symbol(look.marker)},
        hovertemplate=f"{plain(setting.name)}: %{{x:.4~g}}<extra>%{{fullData.name}}</extra>",
    )
