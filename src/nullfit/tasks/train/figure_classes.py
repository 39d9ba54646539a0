"""Accuracy on each class of the test set, and confusion matrices."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas

from nullfit.charts.appearance import FAINT
from nullfit.charts.axes import fractions
from nullfit.charts.figure import Figure, Panel, Slider
from nullfit.charts.marks import by_series, layered, moved_by
from nullfit.results.confusion import Confusion
from nullfit.tasks.train.legend import Legend

MOST_CLASSES = 100  # of a confusion matrix that can be read
_NAMED = {"accuracy": 30, "matrix": 12}  # more classes are named by the tooltip alone
_CHARACTERS = 80  # of all names beside each other; more are slanted
_SHADES = ["#ffffff", "#08306b"]  # grow evenly darker: the same in grey, and white on paper
_LEAST, _LEAST_OF_MANY = 0.005, 0.02  # a smaller share is not drawn: it would look white


def class_accuracy(confusions: Sequence[Confusion], legend: Legend, note: str) -> Figure:
    """A column for each class, a marker for each corruption; all of one network.

    Accuracies are over the test samples of a class in all runs. A grey bar is the share of the
    class among the test labels: what blind predictions in the right proportions reach.
    """
    series, classes = [legend[c.setting.label] for c in confusions], confusions[0].classes
    frame = pandas.concat(
        pandas.DataFrame({"series": number, "name": classes, "accuracy": c.class_accuracy})
        for number, c in enumerate(confusions)
    ).dropna()
    shares = pandas.DataFrame({"name": classes, "share": confusions[0].of_classes})
    x = alt.X("name:N", **_names(classes, "accuracy"))
    y = alt.Y("accuracy:Q", title=None, **fractions())
    numbers = list(range(len(series)))
    beside = alt.XOffset("series:N", scale=alt.Scale(domain=numbers, padding=0.5))
    bars = alt.Chart(shares).mark_bar(opacity=0.3).encode(x=x, y=alt.Y("share:Q", title=None))
    tooltip = [alt.Tooltip("name:N", title="class"), alt.Tooltip("accuracy:Q", format=".1%")]
    looks = by_series(series, "color", "shape")
    marks = alt.Chart(frame.reset_index(drop=True)).mark_point()
    marks = marks.encode(x=x, y=y, xOffset=beside, tooltip=tooltip, **looks)
    drawn = layered(bars, marks).resolve_scale(xOffset="independent")
    panel = Panel("accuracy on the test samples of each class", drawn, aspect=3)
    return Figure([panel], note, series, columns=1)


def confusion_matrices(confusions: Sequence[Confusion], note: str) -> Figure:
    """A matrix for each corruption of one network: rows true classes, columns predictions.

    Shades are the share of a true class, over the test samples in all runs.
    """
    few = len(confusions[0].classes) <= _NAMED["matrix"]
    panels = [_matrix(one, cells(one), last=one is confusions[-1]) for one in confusions]
    return Figure(panels, note, columns=3 if few else 2)


def confusions_over_epochs(
    by_epoch: Sequence[Mapping[int, Confusion]], epochs: Sequence[int], note: str
) -> Figure:
    """The same after the epoch that a slider stands at, of ``epochs``; after the last in print.

    A corruption's matrices are by the epoch from which on they hold, until there is another.
    """
    slider = Slider("epoch", epochs)
    few = len(next(iter(by_epoch[0].values())).classes) <= _NAMED["matrix"]
    panels = [_moving_matrix(one, slider, last=one is by_epoch[-1]) for one in by_epoch]
    return Figure(panels, note, columns=3 if few else 2, slider=slider)


def _moving_matrix(by_epoch: Mapping[int, Confusion], slider: Slider, *, last: bool) -> Panel:
    ends = [*list(by_epoch)[1:], slider.values[-1] + 1]
    frames = [
        cells(confusion).assign(since=since, until=until)
        for (since, confusion), until in zip(by_epoch.items(), ends, strict=True)
    ]
    frame = pandas.concat(frames, ignore_index=True)
    return _matrix(next(iter(by_epoch.values())), frame, last=last, slider=slider)


def cells(confusion: Confusion) -> pandas.DataFrame:
    """The shares that differ visibly from none, as ``actual``, ``predicted`` and ``share``."""
    names, shares = np.array(confusion.classes, dtype=object), confusion.shares
    least = _LEAST if len(names) <= _NAMED["accuracy"] else _LEAST_OF_MANY
    actual, predicted = np.nonzero(shares >= least)
    found = {"actual": names[actual], "predicted": names[predicted]}
    return pandas.DataFrame(found | {"share": shares[actual, predicted].round(2)})


def _matrix(
    confusion: Confusion, frame: pandas.DataFrame, *, last: bool, slider: Slider | None = None
) -> Panel:
    """The matrix with these cells; its setting and classes are those of ``confusion``."""
    shade = alt.Color(
        "share:Q",
        scale=alt.Scale(range=_SHADES, domain=[0, 1], interpolate="lab"),
        legend=alt.Legend(title="share of the true class", format="%", values=[0, 0.5, 1])
        if last
        else None,
    )
    axis = _names(confusion.classes, "matrix")
    drawn = alt.Chart(frame).mark_rect().encode(
        x=alt.X("predicted:N", **axis | {"title": "predicted class"}),
        y=alt.Y("actual:N", **axis | {"title": "true class"}),
        color=shade,
        tooltip=[
            alt.Tooltip("actual:N", title="true class"),
            alt.Tooltip("predicted:N", title="predicted"),
            alt.Tooltip("share:Q", format=".0%"),
        ],
    )  # fmt: skip
    drawn = drawn if slider is None else moved_by(drawn, slider)
    border = alt.Chart(pandas.DataFrame({"all": [0]})).mark_rect(filled=False, stroke=FAINT)
    return Panel(confusion.setting.label, layered(drawn, border), aspect=1.2)


def _names(classes: Sequence[str], figure: str) -> dict[str, Any]:
    """Title, scale and axis of classes in their order, by name where there is room."""
    scale = {"domain": list(classes)}
    if len(classes) > _NAMED[figure]:
        return {"title": "class", "scale": scale, "axis": {"labels": False, "ticks": False}}
    slanted = sum(map(len, classes)) > _CHARACTERS or (
        figure == "matrix" and max(map(len, classes)) > 2
    )
    axis = {"labelAngle": -45 if slanted else 0, "labelLimit": 120, "ticks": False, "grid": False}
    return {"title": None, "scale": scale, "axis": axis}
