"""Measures against corruption level and generalization gap, and how margins spread."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas
from jaxtyping import Float

from nullfit.charts.appearance import look, looks, network_words
from nullfit.charts.axes import fractions, logarithmic
from nullfit.charts.figure import Figure, Panel, Series, corruption_series
from nullfit.charts.marks import by_series, layered, points
from nullfit.results.spread import Spread
from nullfit.tasks.measures.names import MEASURES, Measure

Entry = Mapping[str, Any]
_LEVEL = alt.X("level:Q", title="corruption level", scale=alt.Scale(nice=False, padding=8))
_COLUMNS = 3
_NUMBERS = alt.Axis(grid=True, format="~g")


def against_level(entries: Sequence[Entry], note: str) -> Figure:
    """A panel for each measure: mean over the seeds, bars from the lowest to the highest run.

    There is a line for each network under each corruption; true labels are level 0 of each.
    """
    lines = _lines(entries)
    drawn = looks([corruption for _, corruption in lines])
    series = [
        Series(f"{network_words(network)}, {look(corruption).label}", drawn_as)
        for (network, corruption), drawn_as in zip(lines, drawn, strict=True)
    ]
    panels = [
        _level_panel(measure, frame, series)
        for measure in _varying(entries)
        if len(frame := _by_level(lines, measure))
    ]
    return Figure(panels, note, series, columns=_COLUMNS)


def has_levels(entries: Sequence[Entry]) -> bool:
    """Whether some corruption has runs at two levels."""
    return any(len({one["level"] for one in of}) > 1 for of in _lines(entries).values())


def _lines(entries: Sequence[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """The runs that have a level by network and corruption."""
    told = [one for one in entries if one["level"] is not None]
    keys = dict.fromkeys((o["network"], o["corruption"]) for o in told if o["corruption"] != "none")
    return {
        (network, corruption): [
            one
            for one in told
            if one["network"] == network and one["corruption"] in ("none", corruption)
        ]
        for network, corruption in keys
    }


def _by_level(lines: Mapping[tuple[str, str], list[Entry]], measure: Measure) -> pandas.DataFrame:
    rows = []
    for number, members in enumerate(lines.values()):
        for level in sorted({one["level"] for one in members}):
            values = (one[measure.field] for one in members if one["level"] == level)
            if (spread := Spread.of(values)) is not None:
                rows.append({"series": number, "level": level, **vars(spread)})
    return pandas.DataFrame(rows)


def _level_panel(measure: Measure, frame: pandas.DataFrame, series: Sequence[Series]) -> Panel:
    y = alt.Y("mean:Q", title=None, **_axis(measure, [*frame["low"], *frame["high"]]))
    ends = y.copy(deep=False)
    ends.shorthand = "low:Q"
    tooltip = [alt.Tooltip("level:Q"), alt.Tooltip("n:Q", title="runs")]
    tooltip += [alt.Tooltip(f"{name}:Q", format=".4~g") for name in ("mean", "low", "high")]
    base = alt.Chart(frame)
    return Panel(
        measure.label,
        layered(
            base.mark_rule().encode(x=_LEVEL, y=ends, y2="high:Q", **by_series(series, "color")),
            base.mark_line().encode(x=_LEVEL, y=y, **by_series(series, "color", "strokeDash")),
            points(frame, _LEVEL, y, series, tooltip=tooltip),
        ),
    )


def against_gap(entries: Sequence[Entry], note: str) -> Figure:
    """A panel for each measure with a marker for each run."""
    series = corruption_series((one["corruption"], one["label"]) for one in entries)
    numbers = {entry.label: number for number, entry in enumerate(series)}
    told = [one for one in entries if one["gap"] is not None]
    axis = fractions(max(one["gap"] for one in told))
    lowest = min(axis["scale"]["domain"][0], *(one["gap"] for one in told))
    axis |= {"scale": {"domain": [lowest, axis["scale"]["domain"][1]], "nice": False}}
    x = alt.X("gap:Q", title="generalization gap", **axis)
    panels = []
    for measure in _varying(told):
        frame = pandas.DataFrame(
            {"series": numbers[one["label"]], "gap": one["gap"], "value": one[measure.field]}
            for one in told
            if one[measure.field] is not None
        )
        y = alt.Y("value:Q", title=None, **_axis(measure, frame["value"].tolist()))
        tooltip = [alt.Tooltip("gap:Q", format=".2%"), alt.Tooltip("value:Q", format=".4~g")]
        panels.append(Panel(measure.label, points(frame, x, y, series, tooltip=tooltip)))
    return Figure(panels, note, series, columns=_COLUMNS)


def _varying(entries: Sequence[Entry]) -> list[Measure]:
    """The measures that are not the same in all runs."""
    return [
        measure
        for measure in MEASURES
        if len({one[measure.field] for one in entries if one[measure.field] is not None}) > 1
    ]


def _axis(measure: Measure, values: Sequence[float]) -> dict[str, Any]:
    if measure.logarithmic and min(values) > 0:
        return logarithmic(values)
    return {"scale": alt.Scale(zero=False, nice=True, padding=6), "axis": _NUMBERS}


def margin_distributions(
    entries: Sequence[Entry], arrays: Mapping[str, Float[np.ndarray, "runs quantiles"]], note: str
) -> Figure:
    """The share of training samples below each margin, as it is and normalized.

    Quantiles are means over the runs of a corruption; rows of ``arrays`` are those of ``entries``.
    """
    series = corruption_series((one["corruption"], one["label"]) for one in entries)
    panels = [
        _distribution(title, frame, series)
        for name, title in (("margins", "margin"), ("normalized_margins", "normalized margin"))
        if len(frame := _quantiles(entries, arrays[f"{name}_quantiles"], series))
    ]
    return Figure(panels, note, series)


def _quantiles(
    entries: Sequence[Entry], of: Float[np.ndarray, "runs quantiles"], series: Sequence[Series]
) -> pandas.DataFrame:
    frames = []
    for number, entry in enumerate(series):
        rows = [at for at, one in enumerate(entries) if one["label"] == entry.label]
        known = of[rows][np.isfinite(of[rows]).all(1)]
        if len(known):
            share = np.linspace(0, 1, known.shape[1])
            told = {"series": number, "margin": known.mean(0), "share": share}
            frames.append(pandas.DataFrame(told))
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()


def _distribution(title: str, frame: pandas.DataFrame, series: Sequence[Series]) -> Panel:
    x = alt.X("margin:Q", title=title, axis=alt.Axis(format="~g", grid=True, tickCount=5))
    y = alt.Y("share:Q", title=None, **fractions())
    tooltip = [alt.Tooltip("margin:Q", format=".4~g"), alt.Tooltip("share:Q", format=".1%")]
    line = alt.Chart(frame).mark_line()
    marked = frame[frame.groupby("series").cumcount() % 40 == 20].reset_index(drop=True)
    return Panel(
        f"samples below a {title}",
        layered(
            line.encode(x=x, y=y, order="share:Q", **by_series(series, "color", "strokeDash")),
            points(marked, x, y, series, tooltip=tooltip),
        ),
    )
