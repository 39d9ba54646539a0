"""A small figure with everything that charts have to cope with."""

import altair as alt
import pandas
import pytest

from nullfit.charts.appearance import looks
from nullfit.charts.axes import fractions, logarithmic
from nullfit.charts.figure import Figure, Panel, Series, Switch
from nullfit.charts.marks import curves, dots, layered, level
from tests.charts.drawn import NAUGHTY
from tests.drawing import draw_as_it_is

CORRUPTIONS = ("none", "random_labels", "random_labels", "gaussian")


@pytest.fixture(autouse=True)
def _drawing_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    draw_as_it_is(monkeypatch.setattr)


@pytest.fixture
def naughty():
    return NAUGHTY


@pytest.fixture
def series():
    labels = ("true labels", "random labels 0.5", "random labels 1", NAUGHTY)
    return [Series(label, look) for label, look in zip(labels, looks(CORRUPTIONS), strict=True)]


@pytest.fixture
def frame():
    """Three curves over ten epochs, and one of a single point."""
    rows = [
        {"series": number, "epoch": epoch, "step": 4 * epoch, "mean": mean, "low": 0.9 * mean,
         "high": 1.1 * mean}
        for number in range(4)
        for epoch in range(1, 11 if number < 3 else 2)
        for mean in [1 / (epoch + 3 * number + 1)]
    ]  # fmt: skip
    return pandas.DataFrame(rows)


@pytest.fixture
def figure(series, frame):
    """Curves with switches, rows of dots, and a heat map of classes."""
    tooltip = [alt.Tooltip("epoch:Q"), alt.Tooltip("mean:Q", format=".2%")]
    x, y = alt.X("epoch:Q", title="epoch"), alt.Y("mean:Q", title=None, **fractions())
    step = {"x": {"field": "step", "title": "step"}}
    lines = layered(curves(frame, x, y, series, tooltip=tooltip), level([0.1]))
    last = frame.drop_duplicates("series", keep="last").assign(group=NAUGHTY)
    rows, height = dots(last, alt.X("mean:Q", title=None, **logarithmic(last["low"])), series)
    return Figure(
        [
            Panel("accuracy", lines, options={"step": step, "log": {"y": logarithmic([0.01, 1])}}),
            Panel(f"errors {NAUGHTY}", rows, lines=height),
            Panel("classes", cells()),
        ],
        f"Data: {NAUGHTY}.",
        series,
        switches=[Switch("horizontal axis", ["epoch", "step"]), Switch("scale", ["linear", "log"])],
    )


def cells():
    names = [NAUGHTY, "b"]
    found = pandas.DataFrame(
        [{"true": true, "found": other, "share": 0.3} for true in names for other in names]
    )
    return (
        alt.Chart(found)
        .mark_rect()
        .encode(
            x=alt.X("found:N", title="predicted"),
            y=alt.Y("true:N", title="true"),
            color=alt.Color("share:Q", title="share"),
            tooltip=["true:N", "share:Q"],
        )
    )
