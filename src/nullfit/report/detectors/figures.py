"""How well scores find corrupted labels, against the level of corruption."""

from collections.abc import Collection, Sequence
from typing import Any

import altair as alt
import pandas

from nullfit.charts.appearance import DASHES, MARKERS, Look
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import by_series, layered, level, points
from nullfit.results.detectors import Detector
from nullfit.results.spread import Spread
from nullfit.results.suspicion import SUSPICIOUS

_COLORS = (
    *("#E69F00", "#8C510A", "#0072B2", "#56B4E9", "#B8A800", "#009E73", "#332288"),
    *("#D55E00", "#CC79A7", "#882255", "#000000", "#7F7F7F", "#117733"),
    "#44AA99",
)
_CHANCE = 0.5
_TICKS = 7
_Y = alt.Y(
    "mean:Q", title=None, scale=alt.Scale(domain=[_CHANCE - 0.015, 1.015], nice=False),
    axis=alt.Axis(values=[0.5, 0.6, 0.7, 0.8, 0.9, 1.0], grid=True),
)  # fmt: skip


def areas(detectors: Sequence[Detector], note: str) -> Figure:
    """A panel for each kind of corruption, a line for each score of each network.

    Bars reach from the lowest to the highest run. Axes begin at one half, chance: what lies
    below is left out, and the note says so.
    """
    drawn = [d for d in detectors if sum(d.areas) / len(d.areas) >= _CHANCE]
    networks = {detector.network for detector in detectors}
    entries = list(dict.fromkeys((d.score, d.network) for d in drawn))
    series = [
        Series(_name(score, network if len(networks) > 1 else ""), _look(score, number))
        for number, (score, network) in enumerate(entries)
    ]
    frame = pandas.DataFrame([
        {
            "series": entries.index((d.score, d.network)), "kind": d.kind, "level": d.level,
            "changed": sum(d.changed) / len(d.changed),
            **vars(spread),
        }
        for d in drawn
        if (spread := Spread.of(d.areas))
    ], columns=["series", "kind", "level", "changed", "mean", "low", "high", "n"])  # fmt: skip
    kinds = list(dict.fromkeys(d.kind for d in drawn))
    panels = [_panel(kind, frame[frame["kind"] == kind], series) for kind in kinds]
    below = list(dict.fromkeys(_name(d.score) for d in detectors if d not in drawn))
    about = f"; not drawn where they fall below it: {', '.join(below)}" if below else ""
    told = f"{note} Area under the ROC curve, one half is chance{about}."
    return Figure(panels, told, series, columns=min(3, len(panels)) or 1)


def _panel(kind: str, rows: pandas.DataFrame, series: Sequence[Series]) -> Panel:
    frame = rows.drop(columns="kind").reset_index(drop=True)
    frame["low"] = frame["low"].clip(lower=_CHANCE)
    told = [
        alt.Tooltip("level:Q"),
        alt.Tooltip("changed:Q", format=".1%", title="labels changed"),
        *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("mean", "low", "high")),
        alt.Tooltip("n:Q", title="runs"),
    ]
    x = alt.X(
        "level:Q", title="corruption level", axis=alt.Axis(**_ticks(set(frame["level"]))),
        scale=alt.Scale(nice=False, zero=False, padding=8),
    )  # fmt: skip
    ends, base = _Y.copy(deep=False), alt.Chart(frame)
    ends.shorthand = "low:Q"
    chart = layered(
        base.mark_rule().encode(x=x, y=ends, y2="high:Q", **by_series(series, "color")),
        base.mark_line().encode(x=x, y=_Y, **by_series(series, "color", "strokeDash")),
        points(frame, x, _Y, series, tooltip=told),
        level([_CHANCE]),
    )
    return Panel(kind, chart, aspect=1.1)


def _ticks(levels: Collection[float]) -> dict[str, Any]:
    """One at each level, unless they are many."""
    return {"values": sorted(levels), "format": ".12~g"} if len(levels) <= _TICKS else {}


def _name(score: str, network: str = "") -> str:
    return ", ".join(filter(None, [score.replace("_", " "), network]))


def _look(score: str, number: int) -> Look:
    color = _COLORS[list(SUSPICIOUS).index(score) % len(_COLORS)]
    return Look(score, color, DASHES[number % len(DASHES)], tuple(MARKERS)[number % len(MARKERS)])
