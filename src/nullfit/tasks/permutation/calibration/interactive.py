"""Type-I error and power of permutation tests, interactively."""

import pandas
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts.interactive import finish, plain
from nullfit.charts.style import INK
from nullfit.tasks.permutation.calibration.figure import COLORS, LEVEL, largest, panels

_SYMBOLS = {"squared": "circle", "share": "square", "variance": "diamond"}


def permutation_calibration(rates: pandas.DataFrame) -> go.Figure:
    """Type-I errors of the worst cells, then power (`panels`), with exact intervals."""
    rates = rates.reset_index(drop=True)
    drawn = panels(rates)
    figure = make_subplots(
        1,
        len(drawn),
        shared_yaxes=True,
        subplot_titles=[title.replace("\n", ", ") for title, _ in drawn],
        horizontal_spacing=0.02,
    )
    for column, (_, own) in enumerate(drawn, start=1):
        for (statistic, null), points in own.groupby(["statistic", "null"], sort=False):
            name = f"{statistic}, {null.replace('_', ' ')}"
            trace = _points(points, name, null, statistic, legend=column == 1)
            figure.add_trace(trace, row=1, col=column)
    figure.add_vline(LEVEL, line={"color": "#6b6b6b", "dash": "dash", "width": 1})
    figure.update_layout(scattermode="group", scattergap=0.25)
    situations = list(dict.fromkeys(rates.situation))
    figure.update_xaxes(range=[-0.03 * largest(rates), largest(rates)])
    figure.update_yaxes(
        categoryorder="array", categoryarray=[_named(name) for name in situations[::-1]]
    )
    tests = rates.groupby(["statistic", "null"]).ngroups
    finished = finish(figure, 140 + (16 + 11 * tests) * len(situations))
    return finished.update_layout(legend={"y": 1.03}, margin={"t": 150})


def _points(
    points: pandas.DataFrame, name: str, null: str, statistic: str, *, legend: bool
) -> go.Scatter:
    return go.Scatter(
        x=points.rate,
        y=[_named(situation) for situation in points.situation],
        error_x={
            "array": points.high - points.rate,
            "arrayminus": points.rate - points.low,
            "thickness": 1,
            "width": 0,
        },
        mode="markers",
        orientation="h",
        name=plain(name),
        legendgroup=name,
        offsetgroup=name,
        showlegend=legend,
        marker={
            "color": COLORS.get(null, INK),
            "symbol": _SYMBOLS.get(statistic, "x-thin"),
            "size": 6,
            "line": {"color": COLORS.get(null, INK), "width": 1},
        },
        text=[
            plain(f"{row.input}, n = {row.samples}, {row.regime}") for row in points.itertuples()
        ],
        hovertemplate="%{x:.3f}, %{text}<extra>" + plain(name) + "</extra>",
    )


def _named(situation: str) -> str:
    return plain(situation.replace("_", " "))
