"""The twins of the figures for print."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts import style
from nullfit.charts.interactive import finish, plain, symbol
from nullfit.tasks.factorization.factorization_map import ErrorMap
from nullfit.tasks.factorization.factorization_settings import (
    FactorizationSetting,
    axes_of,
    best,
    slices,
)
from nullfit.tasks.factorization.figure import TEST, TRAIN, is_logarithmic, title_of

_ROW, _LINE, _AROUND = 320, 34, 170  # pixels
_COLUMNS = 2


def factorization(settings: Sequence[FactorizationSetting]) -> go.Figure:
    """Errors against the iteration and against each key that differs."""
    keys = axes_of(settings)
    rows = -(-(1 + len(keys)) // _COLUMNS)
    figure = make_subplots(rows=rows, cols=_COLUMNS, horizontal_spacing=0.1, vertical_spacing=0.14)
    at = best(settings).values
    seen: set[str] = set()
    for setting in settings:
        if all(setting.values[key] == at[key] for key in keys):
            curves = [setting.curve(metric).tolist() for metric in (TEST, TRAIN)]
            numbers = [float(number) for number in range(1, len(curves[0]) + 1)]
            _add(figure, setting, numbers, curves, 0, seen, marked=False)
    figure.update_xaxes(title_text="iteration", row=1, col=1)
    for number, key in enumerate(keys, start=1):
        for members in slices(settings, key).values():
            places = [s.values[key] for s in members]
            errors = [[s.measured(metric).mean for s in members] for metric in (TEST, TRAIN)]
            _add(figure, members[0], places, errors, number, seen, marked=True)
        kind = "log" if is_logarithmic(key, settings) else "linear"
        row, column = divmod(number, _COLUMNS)
        figure.update_xaxes(
            title_text=title_of(key, settings), type=kind, row=row + 1, col=column + 1
        )
    figure.update_yaxes(type="log", title_text="mean squared error")
    return finish(figure, rows * _ROW + 60)


def _add(
    figure: go.Figure,
    setting: FactorizationSetting,
    places: Sequence[float],
    errors: Sequence[Sequence[float]],
    number: int,
    seen: set[str],
    *,
    marked: bool,
) -> None:
    look = style.look(setting.corruption)
    row, column = divmod(number, _COLUMNS)
    for kind, values, dash, width in zip(
        ("test", "train"), errors, ("solid", "dash"), (2, 1), strict=True
    ):
        name = f"{setting.label}, {kind}"
        figure.add_trace(
            go.Scatter(
                x=list(places),
                y=list(values),
                mode="lines+markers" if marked and kind == "test" else "lines",
                name=plain(name),
                legendgroup=name,
                showlegend=name not in seen,
                line={"color": look.color, "width": width, "dash": dash},
                marker={"size": 7, "symbol": symbol(look.marker)},
                hovertemplate="%{x:.4~g}: %{y:.4~g}<extra>%{fullData.name}</extra>",
            ),
            row + 1,
            column + 1,
        )
        seen.add(name)


def error_map(errors: ErrorMap) -> go.Figure:
    """Test error over rank and penalty, the lowest framed."""
    ranks = [f"{rank} (true)" if rank == errors.true_rank else str(rank) for rank in errors.ranks]
    penalties = [f"{penalty:g}" for penalty in errors.penalties]
    figure = go.Figure(
        go.Heatmap(
            x=penalties,
            y=ranks,
            z=np.log10(errors.test),
            text=[[f"{value:.3g}" if np.isfinite(value) else "" for value in row]
                  for row in errors.test],
            customdata=errors.train,
            texttemplate="%{text}",
            colorscale="Cividis",
            reversescale=True,
            showscale=False,
            hovertemplate="K %{y}, λ %{x}<br>test %{text}, train %{customdata:.3g}<extra></extra>",
        )
    )  # fmt: skip
    row, column = errors.lowest
    figure.add_shape(
        type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5,
        line={"color": "#D55E00", "width": 3},
    )  # fmt: skip
    figure.update_xaxes(type="category", title_text="penalty λ")
    figure.update_yaxes(type="category", title_text="rank K")
    figure = finish(figure, len(errors.ranks) * _LINE + _AROUND)
    figure.update_layout(showlegend=False)
    return figure
