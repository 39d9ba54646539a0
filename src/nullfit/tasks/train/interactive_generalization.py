"""Steps to fit, test error and generalization gap of every setting."""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts import style
from nullfit.charts.interactive import finish, plain, symbol
from nullfit.results.settings import Setting
from nullfit.tasks.train.figure_generalization import MEASURES, Measure, positions, spread

_LINE, _AROUND = 22, 130  # pixels


def generalization(settings: Sequence[Setting]) -> go.Figure:
    """The twin of the figure for print, in one figure."""
    heights, middles = positions(settings)
    figure = make_subplots(
        rows=1, cols=len(MEASURES), shared_yaxes=True, horizontal_spacing=0.04,
        subplot_titles=[measure.title for measure in MEASURES],
    )  # fmt: skip
    for column, measure in enumerate(MEASURES, start=1):
        seen: set[str] = set()
        for setting, height in zip(settings, heights, strict=True):
            first = column == 1 and setting.label not in seen
            seen.add(setting.label)
            figure.add_trace(_point(setting, measure, height, named=first), 1, column)
        if measure.logarithmic:
            figure.update_xaxes(type="log", dtick=1, col=column)
        else:
            figure.update_xaxes(rangemode="tozero", col=column)
    names = [plain(name.replace(", ", ",\n")).replace("\n", "<br>") for name in middles]
    result = finish(figure, round((1 - heights[-1]) * _LINE + _AROUND))
    result.update_yaxes(
        tickvals=list(middles.values()), ticktext=names, range=[heights[-1] - 0.8, 0.8],
        showgrid=False, ticks="",
    )  # fmt: skip
    return result


def _point(setting: Setting, measure: Measure, height: float, *, named: bool) -> go.Scatter:
    look, found = style.look(setting.corruption), spread(setting, measure)
    told = f"{plain(setting.network)}: %{{x:.4~g}}<extra>%{{fullData.name}}</extra>"
    return go.Scatter(
        x=[None if found is None else found.mean],
        y=[height],
        error_x={
            "type": "data",
            "array": [0 if found is None else found.high - found.mean],
            "arrayminus": [0 if found is None else found.mean - found.low],
            "thickness": 1.2,
            "width": 0,
        },
        mode="markers",
        name=plain(setting.label),
        legendgroup=setting.label,
        showlegend=named,
        marker={"color": look.color, "size": 9, "symbol": symbol(look.marker)},
        opacity=style.opacity(setting.shade),
        hovertemplate=told,
    )
