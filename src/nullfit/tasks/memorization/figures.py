"""How memorization and C-scores spread over samples, and who can be told to be a member."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas

from nullfit.charts.appearance import LABEL_KINDS
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import counted, histogram

_BINS = 40
_HISTOGRAMS = {
    "memorization": ("samples by memorization", "accuracy with the sample less without it"),
    "c_score": ("samples by C-score", "accuracy without the sample"),
}


def memorized(arrays: Mapping[str, np.ndarray], note: str) -> Figure:
    """A histogram each of memorization and C-score, corrupted samples apart."""
    changed = arrays["memorization_label_changed"]
    kinds = [kind for kind in LABEL_KINDS if (changed == kind).any()]
    series = [Series(LABEL_KINDS[kind].label, LABEL_KINDS[kind]) for kind in kinds]
    panels = [
        _histogram(
            title,
            axis,
            _edges(arrays[name]),
            [arrays[name][(changed == kind) & np.isfinite(arrays[name])] for kind in kinds],
            series,
        )
        for name, (title, axis) in _HISTOGRAMS.items()
    ]
    return Figure(panels, note, series)


def _edges(values: np.ndarray) -> np.ndarray:
    """Of bins up to 1, from 0 or the tenth below the least value."""
    low = min(0.0, np.floor(10 * np.nanmin(values, initial=0.0)) / 10)
    return np.linspace(low, 1.0, round((1.0 - low) * _BINS) + 1)


def _histogram(
    title: str, axis: str, edges: np.ndarray, values: list[np.ndarray], series: list[Series]
) -> Panel:
    frame = pandas.concat(
        [counted(of, edges).assign(series=number) for number, of in enumerate(values)],
        ignore_index=True,
    )
    frame = frame[frame["samples"] > 0].reset_index(drop=True)
    on_x: dict[str, Any] = {
        "title": axis,
        "scale": alt.Scale(domain=[edges[0], edges[-1]], nice=False),
    }
    top = int(frame["samples"].max())
    ticks = [0, *(10**power for power in range(len(str(top)) + 1))]
    on_y: dict[str, Any] = {
        "title": None,
        # Nearly all of easy data score 1; the few that do not are what one looks for.
        "scale": alt.Scale(type="symlog", domain=[0, 1.3 * top], nice=False),
        "axis": alt.Axis(values=[tick for tick in ticks if tick <= 1.3 * top], format=",d"),
    }
    chart = histogram(frame, alt.X("low:Q", **on_x), alt.Y("samples:Q", **on_y), series)
    return Panel(title, chart)
