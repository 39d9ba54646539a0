"""The data map of a training, and how its scores spread over corrupted and untouched samples."""

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas
from jaxtyping import Bool

from nullfit.charts.appearance import LABEL_KINDS
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import by_series, counted, histogram

_MOST_POINTS = 3000  # on the map
_MOST_BINS = 40
_ROOM = 1.08  # above the highest count, of its height
_HISTOGRAMS = {
    "forgetting": ("samples by forgetting events", "events of a sample"),
    "aum": ("samples by area under the margin", "mean margin (logits)"),
    "el2n": ("samples by EL2N", "length of the error vector"),
}


def dynamics(
    scores: Mapping[str, np.ndarray], changed: Bool[np.ndarray, " n"], note: str
) -> Figure:
    """Confidence against variability, and a histogram each of forgetting events, AUM and EL2N.

    The map shows at most some thousand samples, taken at equal distances in their order. Samples
    that were never learnt have no number of forgetting events; the note counts them.
    """
    kinds = [kind for kind in LABEL_KINDS if (changed == kind).any()]
    series = [Series(LABEL_KINDS[kind].label, LABEL_KINDS[kind]) for kind in kinds]
    numbers = np.array([kinds.index(bool(kind)) for kind in changed])
    samples = len(changed)
    drawn = np.linspace(0, samples - 1, min(samples, _MOST_POINTS)).astype(np.int64)
    panels = [_map(scores, numbers, drawn, series)]
    panels += [
        _histogram(title, axis, scores[name], numbers, series)
        for name, (title, axis) in _HISTOGRAMS.items()
        if np.isfinite(scores[name]).any()
    ]
    never = int(np.isinf(scores["forgetting"]).sum())
    about = f"{samples:,} samples"
    about += f", of which the map shows {len(drawn):,}" if len(drawn) < samples else ""
    about += f"; {never:,} were never learnt and have no count of events" if never else ""
    return Figure(panels, f"{note} {about}.", series)


def _map(
    scores: Mapping[str, np.ndarray], numbers: np.ndarray, drawn: np.ndarray, series: list[Series]
) -> Panel:
    columns = ("variability", "confidence", "correctness")
    frame = pandas.DataFrame(
        {
            "series": numbers[drawn],
            "sample": drawn,
            **{name: scores[name][drawn] for name in columns},
        }
    ).sort_values("series", kind="stable", ignore_index=True)  # corrupted ones on top
    told = [alt.Tooltip("sample:Q"), *(alt.Tooltip(f"{name}:Q", format=".3f") for name in columns)]
    ends = alt.Scale(domain=[0, 0.5], nice=False, padding=4)
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_point(filled=True, size=14, opacity=0.7)
        .encode(
            x=alt.X("variability:Q", title="variability", scale=ends),
            y=alt.Y("confidence:Q", title=None, scale=alt.Scale(domain=[0, 1], padding=4)),
            tooltip=told,
            **by_series(series, "color", "shape"),
        )
    )
    return Panel("confidence in the label", chart)


def _histogram(
    title: str, axis: str, values: np.ndarray, numbers: np.ndarray, series: list[Series]
) -> Panel:
    known = np.isfinite(values)
    edges = _edges(values[known])
    frame = pandas.concat(
        [
            counted(values[known & (numbers == number)], edges).assign(series=number)
            for number in range(len(series))
        ],
        ignore_index=True,
    )
    frame = frame[frame["samples"] > 0].reset_index(drop=True)
    top = _ROOM * int(frame["samples"].max())
    on_x: dict[str, Any] = {
        "title": axis,
        "scale": alt.Scale(domain=[edges[0], edges[-1]], nice=False),
    }
    on_y: dict[str, Any] = {"title": None, "scale": alt.Scale(domain=[0, top], nice=False)}
    chart = histogram(frame, alt.X("low:Q", **on_x), alt.Y("samples:Q", **on_y), series)
    return Panel(title, chart)


def _edges(values: np.ndarray) -> np.ndarray:
    """Of bins of equal width; whole numbers lie in the middle of theirs."""
    low, high = float(values.min()), float(values.max())
    bins = min(math.isqrt(len(values)) + 1, _MOST_BINS)
    if not np.equal(values, np.round(values)).all():
        return np.linspace(low, high, bins + 1)
    width = max(1, math.ceil((high - low + 1) / _MOST_BINS))
    return np.arange(low - 0.5, high + width + 0.5, width)
