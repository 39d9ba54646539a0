"""Type-I error and power of permutation tests, interactively."""

import pandas
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.plots.permutation_calibration import COLORS, LEVEL, worst_cells
from nullfit.plots.style import INK
from nullfit.report.interactive.look import finish, plain

_SYMBOLS = {"squared": "circle", "share": "square", "variance": "diamond"}
_COLUMNS = {"null": 1, "effect": 2}


def permutation_calibration(rates: pandas.DataFrame) -> go.Figure:
    """The worst cell of each situation: type-I error left, power right, with exact intervals."""
    titles = [f"type-I error at {LEVEL}", f"power at {LEVEL}"]
    figure = make_subplots(1, 2, shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.03)
    shown = worst_cells(rates)
    for (statistic, null), own in shown.groupby(["statistic", "null"], sort=False):
        for truth, column in _COLUMNS.items():
            points = own[own.truth == truth]
            figure.add_trace(
                _points(points, f"{statistic}, {null.replace('_', ' ')}", truth, null, statistic),
                row=1,
                col=column,
            )
    figure.add_vline(LEVEL, line={"color": "#6b6b6b", "dash": "dash", "width": 1})
    figure.update_layout(scattermode="group", scattergap=0.25)
    situations = list(dict.fromkeys(rates.situation))
    figure.update_xaxes(range=[-0.03, 1.03])
    figure.update_yaxes(
        categoryorder="array", categoryarray=[_named(name) for name in situations[::-1]]
    )
    tests = shown.groupby(["statistic", "null"]).ngroups
    finished = finish(figure, 140 + (16 + 11 * tests) * len(situations))
    return finished.update_layout(legend={"y": 1.03}, margin={"t": 150})


def _points(
    points: pandas.DataFrame, name: str, truth: str, null: str, statistic: str
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
        showlegend=truth == "null",
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
