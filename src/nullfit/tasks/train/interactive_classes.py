"""Accuracy on each class and confusion matrices of one network."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from nullfit.charts import style
from nullfit.charts.interactive import finish, plain, symbol
from nullfit.results.confusion import Confusion
from nullfit.results.formats import percent
from nullfit.tasks.train.figure_confusion_matrices import COLORS

_HEIGHT, _MATRIX_HEIGHT = 360, 520  # pixels
_SPREAD = 0.7  # width of a class's markers, of the distance between classes
_NAMED = 100  # more classes cannot be named on an axis


def class_accuracy(confusions: Sequence[Confusion]) -> go.Figure:
    """A column for each class, a marker for each corruption; all of one network."""
    classes = [plain(name) for name in confusions[0].classes]
    figure = go.Figure()
    for number, confusion in enumerate(confusions):
        setting, look = confusion.setting, style.look(confusion.setting.corruption)
        offset = _SPREAD * ((number + 0.5) / len(confusions) - 0.5)
        figure.add_scatter(
            x=[round(place + offset, 3) for place in range(len(classes))],
            y=confusion.class_accuracy.astype(np.float32),
            text=[
                f"{name}: {percent(share)} %"
                for name, share in zip(classes, confusion.class_accuracy, strict=True)
            ],
            mode="markers",
            name=plain(setting.label),
            marker={"color": look.color, "size": 8, "symbol": symbol(look.marker)},
            opacity=style.opacity(setting.shade),
            hovertemplate="%{text}<extra>%{fullData.name}</extra>",
        )
    figure.add_scatter(
        x=list(range(len(classes))),
        y=confusions[0].of_classes.astype(np.float32),
        mode="lines",
        line={"color": style.FAINT, "width": 1, "shape": "hvh"},
        showlegend=False,
        hoverinfo="skip",
    )
    finish(figure, _HEIGHT)
    named = {"tickvals": list(range(len(classes))), "ticktext": classes}
    figure.update_xaxes(showgrid=False, ticks="", **(named if len(classes) <= _NAMED else {}))
    figure.update_yaxes(tickformat=".0%", range=[-0.04, 1.04])
    return figure


def confusion_matrix(first: Confusion) -> go.Figure:
    """The heat map of one setting; the page puts the matrices of others in its place."""
    figure = go.Figure(
        go.Heatmap(
            z=whole_percents(first),
            zmin=0,
            zmax=100,
            colorscale=COLORS,
            colorbar={"title": {"text": "%"}, "thickness": 12, "outlinewidth": 0},
            hovertemplate="true %{y}, predicted %{x}: %{z} %<extra></extra>",
        )
    )
    finish(figure, _MATRIX_HEIGHT).update_layout(showlegend=False)
    classes = [plain(name) for name in first.classes]
    named = {"tickvals": list(range(len(classes))), "ticktext": classes}
    figure.update_xaxes(title_text="predicted", constrain="domain", showgrid=False, **named)
    figure.update_yaxes(
        title_text="true class", autorange="reversed", scaleanchor="x", constrain="domain",
        showgrid=False, **named,
    )  # fmt: skip
    return figure


def whole_percents(confusion: Confusion) -> list[list[Any]]:
    """Whole per cents of each true class: short in the page; None where there are no samples."""
    shares = confusion.shares.tolist()
    return [[None if math.isnan(v) else int(percent(v, 0)) for v in row] for row in shares]
