"""The twin of `nullfit.tasks.implicit_regularization.figure`."""

from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts.interactive import dash, finish
from nullfit.tasks.implicit_regularization.figure import (
    CLOSED,
    FROM_ELSEWHERE,
    FROM_ZERO,
    LOOKS,
    PANELS,
    Panel,
    Path,
)

_HEIGHT = 380  # pixels


def implicit_regularization(path: Path) -> go.Figure:
    """Distance, norm and test error of one run against the step."""
    figure = make_subplots(
        rows=1, cols=len(PANELS), horizontal_spacing=0.07,
        subplot_titles=[panel.title for panel in PANELS],
    )  # fmt: skip
    for place, panel in enumerate(PANELS, start=1):
        for trace in _traces(panel, path, named=place == len(PANELS)):
            figure.add_trace(trace, 1, place)
        kind = {"type": "log", "dtick": 1} if panel.logarithmic else {"rangemode": "tozero"}
        figure.update_yaxes(**kind, col=place)
    figure.update_xaxes(type="log", dtick=1, title="step")
    return finish(figure, _HEIGHT)


def _traces(panel: Panel, path: Path, *, named: bool) -> list[go.Scatter]:
    curves = [(FROM_ZERO, path.curve(panel.zero)), (FROM_ELSEWHERE, path.curve(panel.elsewhere))]
    traces = [
        _line(label, path.steps.tolist(), (values / panel.unit).tolist(), named=named)
        for label, values in curves
        if values is not None
    ]
    level = panel.level(path)
    if level is not None:
        ends = [float(path.steps[0]), float(path.steps[-1])]
        traces.append(_line(CLOSED, ends, [level, level], named=named))
    return traces


def _line(label: str, steps: list[float], values: list[float], *, named: bool) -> go.Scatter:
    look: dict[str, Any] = LOOKS[label]
    return go.Scatter(
        x=steps,
        y=values,
        mode="lines",
        name=label,
        legendgroup=label,
        showlegend=named,
        line={"color": look["color"], "width": 2, "dash": dash(look["linestyle"])},
        hovertemplate="step %{x:,.0f}: %{y:.4~g}<extra>%{fullData.name}</extra>",
    )
