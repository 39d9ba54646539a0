"""The kinds of charts that several figures are made of.

Frames have a column ``series`` (see `nullfit.charts.figure.Series`); ``mean``, ``low`` and
``high`` are a quantity over the runs.
"""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import numpy
import pandas
from jaxtyping import Float

from nullfit.charts.appearance import FAINT, MARKERS
from nullfit.charts.figure import Series, Slider
from nullfit.charts.theme import LINE

_MARKS = 6  # markers on a curve, to tell curves apart without colour
_BETWEEN = 0.4  # empty lines between groups of rows
_NAME = 32  # letters of a line of a group's name: the third part of a text column


def by_series(series: Sequence[Series], *channels: str) -> dict[str, Any]:
    """The looks of the legend's entries for ``color``, ``strokeDash`` or ``shape``."""
    ranges: dict[str, Any] = {
        "color": [entry.look.color for entry in series],
        "strokeDash": [list(entry.look.dash) or [1, 0] for entry in series],
        "shape": [MARKERS[entry.look.marker] for entry in series],
    }
    kinds: dict[str, Any] = {"color": alt.Color, "strokeDash": alt.StrokeDash, "shape": alt.Shape}
    return {
        name: kinds[name](
            "series:N",
            legend=None,
            scale=alt.Scale(domain=list(range(len(series))), range=ranges[name]),
        )
        for name in channels
    }


def layered(*charts: alt.Chart | alt.LayerChart) -> alt.LayerChart:
    """``alt.layer``, whose type is too wide for a panel: nothing here is a facet."""
    return alt.LayerChart(layer=list(charts))


def moved_by(chart: alt.Chart, slider: Slider) -> alt.Chart:
    """The chart with those rows only whose ``since`` ≤ where the slider stands < ``until``."""
    stands = alt.param(slider.name, value=slider.values[-1])
    shown = f"datum.since <= {slider.name} && {slider.name} < datum.until"
    moved: alt.Chart = chart.add_params(stands).transform_filter(shown)
    return moved


def curves(
    frame: pandas.DataFrame,
    x: alt.X,
    y: alt.Y,
    series: Sequence[Series],
    *,
    tooltip: Sequence[alt.Tooltip] = (),
    top: float | int | None = None,
) -> alt.LayerChart:
    """A line through ``mean`` with markers for each series, and a band from ``low`` to ``high``.

    ``y`` is of ``mean``. The band is left out where the frame has no ``low``; a series of one row
    is a marker with a bar. What lies above ``top``, the end of the axis, is cut off.
    """
    highest = frame["high" if "high" in frame else "mean"].max()
    base, clip = alt.Chart(frame), top is not None and bool(highest > top)  # clips are slow to draw
    line = base.mark_line(clip=clip).encode(
        x=x, y=y, tooltip=list(tooltip), **by_series(series, "color", "strokeDash")
    )
    marked = _marked(frame)
    markers = points(marked if top is None else marked[marked["mean"] <= top], x, y, series)
    if "low" not in frame:
        return layered(line, markers)
    spread = {"x": x, "y": _of(y, "low:Q"), "y2": "high:Q", **by_series(series, "color")}
    band = base.mark_area(clip=clip).encode(**spread)
    alone = frame[~frame["series"].duplicated(keep=False)]  # where a band has no width
    bars = [alt.Chart(alone).mark_rule(clip=clip).encode(**spread)] if len(alone) else []
    return layered(band, line, markers, *bars)


def points(
    frame: pandas.DataFrame,
    x: alt.X,
    y: alt.Y,
    series: Sequence[Series],
    *,
    tooltip: Sequence[alt.Tooltip] = (),
    hollow: bool = False,
) -> alt.Chart:
    """A marker for each row."""
    mark: dict[str, Any] = {"filled": False, "fill": "white", "strokeWidth": 1.3} if hollow else {}
    looks = by_series(series, "color", "shape")
    chart: alt.Chart = alt.Chart(frame).mark_point(**mark)
    return chart.encode(x=x, y=y, tooltip=list(tooltip), **looks)


def _marked(frame: pandas.DataFrame) -> pandas.DataFrame:
    """The rows with a marker: evenly chosen, elsewhere in each series, so that none hides another.

    Of a series of one row it is that one.
    """
    number = frame.groupby("series").cumcount()
    size = frame.groupby("series")["series"].transform("size")
    every = (size // _MARKS).clip(lower=1)
    first = frame["series"] * every // (frame["series"].max() + 1)
    return frame[number % every == first].reset_index(drop=True)


def dots(
    frame: pandas.DataFrame,
    x: alt.X,
    series: Sequence[Series],
    *,
    tooltip: Sequence[alt.Tooltip] = (),
) -> tuple[alt.LayerChart, float]:
    """A row for each row of the frame, and how many lines of text it takes in all.

    A marker stands at ``mean``, a bar reaches from ``low`` to ``high``. Rows of one ``group``
    stand together under its name, in the order of the frame.
    """
    frame, names, lines = _stacked(frame)
    y = alt.Y("line:Q", axis=None, scale=alt.Scale(domain=[lines, 0], nice=False))
    base = alt.Chart(frame)
    named = (
        alt.Chart(names)
        .mark_text(
            align="left",
            baseline="middle",
            color=FAINT,
            lineBreak="\n",
            lineHeight=LINE,
            limit=10_000,
        )
        .encode(x=alt.value(0), y=y, text="group:N")
    )
    bars = base.mark_rule().encode(
        x=_of(x, "low:Q"), x2="high:Q", y=y, **by_series(series, "color")
    )
    marks = points(frame, x, y, series, tooltip=tooltip)
    return layered(bars, marks, named), lines


def _of(channel: Any, shorthand: str) -> Any:
    """A channel with its axis and scale, of another column."""
    copied = channel.copy(deep=False)
    copied.shorthand = shorthand
    return copied


def _stacked(frame: pandas.DataFrame) -> tuple[pandas.DataFrame, pandas.DataFrame, float]:
    """The frame with the height of each row, the names with theirs, and the height in all.

    Long names are broken: text that is wider than the panel would make the plot narrow.
    """
    found, names, top = [], [], 0.0
    for group, members in frame.groupby("group", sort=False):
        name = textwrap.wrap(str(group), _NAME)
        names.append({"group": "\n".join(name), "line": top + 0.5})
        found.append(members.assign(line=numpy.arange(len(members)) + top + len(name) + 0.5))
        top += len(name) + len(members) + _BETWEEN
    return pandas.concat(found, ignore_index=True), pandas.DataFrame(names), top - _BETWEEN


def counted(
    values: Float[numpy.ndarray, " n"], edges: Float[numpy.ndarray, " edges"]
) -> pandas.DataFrame:
    """How many values lie in each bin, as `histogram` draws it."""
    counts, _ = numpy.histogram(values, edges)
    return pandas.DataFrame(
        {"low": edges[:-1], "high": edges[1:], "samples": counts, "none": 0},
    )


def histogram(frame: pandas.DataFrame, x: alt.X, y: alt.Y, series: Sequence[Series]) -> alt.Chart:
    """A bar for each bin of `counted`; ``x`` is of ``low``, ``y`` of ``samples``."""
    told = [alt.Tooltip(f"{name}:Q", format=".3~r") for name in ("low", "high")]
    chart: alt.Chart = alt.Chart(frame).mark_rect(opacity=0.8)
    return chart.encode(
        x=x, x2="high", y=y, y2="none", tooltip=[*told, "samples:Q"], **by_series(series, "color")
    )


def level(values: Iterable[float | int], channel: str = "y") -> alt.Chart:
    """Grey lines across the panel, such as chance."""
    frame = pandas.DataFrame({"value": sorted(set(values))})
    chart: alt.Chart = alt.Chart(frame).mark_rule(color=FAINT, strokeWidth=0.9)
    return chart.encode(**{channel: "value:Q"})
