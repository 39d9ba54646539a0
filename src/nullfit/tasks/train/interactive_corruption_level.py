"""Time to fit and test error against the corruption level."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts import style
from nullfit.charts.interactive import dash, finish, plain, symbol
from nullfit.results.formats import percent
from nullfit.results.levels import Level, LevelSeries
from nullfit.results.spread import Spread
from nullfit.tasks.train.figure_corruption_level import errors_of_guessing, series_name

_HEIGHT = 420  # pixels


def corruption_level(series: Sequence[LevelSeries]) -> go.Figure:
    """The twin of `nullfit.tasks.train.figure_corruption_level.draw_corruption_level`."""
    relative = all(line.reference for line in series)
    titles = ("time to fit, relative to true labels" if relative else "steps to fit", "test error")
    figure = make_subplots(rows=1, cols=2, subplot_titles=titles, horizontal_spacing=0.09)
    for number, line in enumerate(series):
        unit = (line.reference if relative else None) or 1.0
        times = [
            (level, level.steps_to_fit.over(unit)) for level in line.levels if level.steps_to_fit
        ]
        errors = [(level, level.test_error) for level in line.levels if level.test_error]
        told = "%{y:.3~g}" + ("×" if relative else " steps")
        fitted = [f" ({spread.n} of {level.runs} fitted)" for level, spread in times]
        figure.add_trace(_trace(line, number, times, fitted, told, named=True), 1, 1)
        shares = [f"{percent(spread.mean, 2)} %" for _, spread in errors]
        figure.add_trace(_trace(line, number, errors, shares, "", named=False), 1, 2)
    for chance in errors_of_guessing(series):
        figure.add_hline(chance, line={"color": style.FAINT, "width": 1}, row=1, col=2)
    figure.update_xaxes(title_text="corruption level")
    figure.update_yaxes(rangemode="tozero", col=1)
    figure.update_yaxes(tickformat=".0%", range=[0, 1.03], col=2)
    return finish(figure, _HEIGHT)


def _trace(
    line: LevelSeries,
    number: int,
    points: list[tuple[Level, Spread]],
    texts: list[str],
    told: str,
    *,
    named: bool,
) -> go.Scatter:
    color = style.look(line.corruption).color
    mark = symbol(style.NETWORK_MARKERS[number % len(style.NETWORK_MARKERS)])
    bars: dict[str, Any] = {
        "type": "data",
        "array": [spread.high - spread.mean for _, spread in points],
        "arrayminus": [spread.mean - spread.low for _, spread in points],
        "thickness": 1,
        "width": 0,
        "visible": any(spread.n > 1 for _, spread in points),
    }
    some = [spread.n < level.runs and named for level, spread in points]
    return go.Scatter(
        x=[level.level for level, _ in points],
        y=[spread.mean for _, spread in points],
        error_y=bars,
        mode="lines+markers",
        name=plain(series_name(line)),
        legendgroup=str(number),
        showlegend=named,
        line={
            "color": color,
            "width": 2,
            "dash": dash(style.NETWORK_LINES[number % len(style.NETWORK_LINES)]),
        },
        marker={"size": 8, "symbol": [f"{mark}-open" if hollow else mark for hollow in some]},
        text=texts,
        hovertemplate=f"level %{{x}}: {told}%{{text}}<extra>%{{fullData.name}}</extra>",
    )
