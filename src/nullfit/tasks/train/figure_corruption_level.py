"""Time to fit and test error against the corruption level (Zhang et al. 2017, figures 1b, 1c)."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas

from nullfit.charts.appearance import look, looks, network_words
from nullfit.charts.axes import fractions
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import by_series, layered, level, points
from nullfit.results.levels import LevelSeries


def corruption_level(lines: Sequence[LevelSeries], note: str) -> Figure:
    """Two panels, the first where any run fitted; a line for each network under each corruption.

    Times are relative to true labels where every network has runs on them, and in steps otherwise.
    Bars reach from the lowest to the highest run. A hollow marker says that not all runs at that
    level fitted. Grey is the error of guessing, for each data set. Beside the level that was asked
    for, a point says which share of the labels is not the true one.
    """
    series = [
        Series(f"{network_words(line.network)}, {look(line.corruption).label}", drawn)
        for line, drawn in zip(lines, looks([line.corruption for line in lines]), strict=True)
    ]
    fitted = any(at.steps_to_fit for line in lines for at in line.levels)
    times = [_time(lines, series)] if fitted else []
    return Figure([*times, _error(lines, series)], note, series)


def _x(lines: Sequence[LevelSeries]) -> alt.X:
    """All levels, those at which no run fitted as well: both panels have the same."""
    levels = [at.level for line in lines for at in line.levels]
    scale = alt.Scale(domain=[min(levels), max(levels)], nice=False, padding=8)
    return alt.X("level:Q", title="corruption level", scale=scale)


def _time(lines: Sequence[LevelSeries], series: Sequence[Series]) -> Panel:
    relative = all(line.reference for line in lines)
    columns = ["series", "level", "changed", "fitted", "all", "mean", "low", "high", "n"]
    frame = pandas.DataFrame([
        {
            "series": number, "level": at.level, "changed": at.changed,
            "fitted": f"{at.steps_to_fit.n} of {at.runs}",
            "all": at.steps_to_fit.n == at.runs,
            **vars(at.steps_to_fit.over((line.reference if relative else None) or 1.0)),
        }
        for number, line in enumerate(lines)
        for at in line.levels
        if at.steps_to_fit
    ], columns=columns)  # fmt: skip
    title = "steps to fit, relative to true labels" if relative else "steps to fit"
    y = alt.Y("mean:Q", title=None, scale=alt.Scale(zero=True))
    more = [alt.Tooltip("fitted:N", title="runs that fitted")]
    x = _x(lines)
    chart = _lines(frame, x, y, series, ".3~r" if relative else ",.4~r", more)
    hollow = frame[~frame["all"].astype(bool)]
    if len(hollow):
        chart = layered(chart, points(hollow, x, y, series, hollow=True))
    return Panel(title, chart)


def _error(lines: Sequence[LevelSeries], series: Sequence[Series]) -> Panel:
    frame = pandas.DataFrame([
        {"series": number, "level": at.level, "changed": at.changed, **vars(at.test_error)}
        for number, line in enumerate(lines)
        for at in line.levels
        if at.test_error
    ], columns=["series", "level", "changed", "mean", "low", "high", "n"])  # fmt: skip
    y = alt.Y("mean:Q", title=None, **fractions())
    chart = _lines(frame, _x(lines), y, series, ".2%", [alt.Tooltip("n:Q", title="runs")])
    guessing = {1 - line.chance for line in lines if line.chance is not None}
    return Panel("test error", layered(chart, level(guessing)) if guessing else chart)


def _lines(
    frame: pandas.DataFrame,
    x: alt.X,
    y: alt.Y,
    series: Sequence[Series],
    form: str,
    more: list[alt.Tooltip],
) -> alt.LayerChart:
    names = ("mean", "low", "high")
    tooltip: list[Any] = [alt.Tooltip("level:Q")]
    if frame["changed"].notna().any():
        tooltip.append(alt.Tooltip("changed:Q", format=".1%", title="labels changed"))
    tooltip += [alt.Tooltip(f"{name}:Q", format=form) for name in names]
    base = alt.Chart(frame)
    ends = y.copy(deep=False)
    ends.shorthand = "low:Q"
    return layered(
        base.mark_rule().encode(x=x, y=ends, y2="high:Q", **by_series(series, "color")),
        base.mark_line().encode(x=x, y=y, **by_series(series, "color", "strokeDash")),
        points(frame, x, y, series, tooltip=[*tooltip, *more]),
    )
