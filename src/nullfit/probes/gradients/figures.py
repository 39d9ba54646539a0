"""Coherence of gradients by epoch and by layer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import altair as alt
import numpy as np
import pandas
from jaxtyping import Float64

from nullfit.charts.appearance import INK, LABEL_KINDS, Look
from nullfit.charts.axes import logarithmic, whole_numbers
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import curves, layered, level, points
from nullfit.probes.gradients.coherence import KINDS
from nullfit.probes.gradients.stored import StoredCoherence
from nullfit.results.spread import Spread

_ALL = "all layers"
_WHEN = {"before training": slice(0, 1), "mean over epochs": slice(None)}
_FLOOR = "Orthogonal gradients of n samples have a coherence of 1/n, and pairs of them 0."
_TITLES = {
    "coherence": "coherence |E g|² / E |g|²",
    "within": "pairs of one class",
    "between": "pairs of two classes",
}
_LAYERS = alt.Axis(labelAngle=-40, labelLimit=110, labelOverlap=True)
_UNTOUCHED = replace(LABEL_KINDS[False], color="#2E8B6F", dash=(4.0, 2.0), marker="triangle_up")
_CORRUPTED = replace(LABEL_KINDS[True], dash=(9.0, 4.0))
_LOOKS = {
    "all": Look("all samples", INK, (), "circle"),
    "untouched": _UNTOUCHED,
    "corrupted": _CORRUPTED,
}


def coherence_of_run(found: StoredCoherence, section: Mapping[str, Any], note: str) -> Figure:
    """Coherence and its two parts by epoch, and by layer over the epochs, of one run.

    ``section`` is that of result.json.
    """
    counts = section["samples"]
    # Without corrupted samples untouched ones are all, and without untouched ones the others.
    kinds = [kind for kind in KINDS if counts[kind]] if all(counts.values()) else ["all"]
    series = [Series(_LOOKS[kind].label, _LOOKS[kind]) for kind in kinds]
    places = [KINDS.index(kind) for kind in kinds]

    def of(measure: str) -> list[list[Float64[np.ndarray, "_ rows"]]]:
        return [[getattr(found, measure)[:, :, place]] for place in places]

    epochs = [found.epochs] * len(kinds)
    panels = [_by_epoch(measure, epochs, of(measure), series) for measure in _TITLES]
    panels += [_by_layer(when, section["layers"], of("coherence"), series) for when in _WHEN]
    told = ", ".join(f"{_LOOKS[kind].label} {counts[kind]:,}" for kind in kinds)
    return Figure(panels, f"{note} {told}. {_FLOOR}", series)


def coherence_of_settings(
    series: Sequence[Series],
    runs: Sequence[Sequence[StoredCoherence]],
    layers: Sequence[str],
    note: str,
) -> Figure:
    """The same of all samples for some settings, means over their runs with lowest and highest."""
    place = KINDS.index("all")

    def of(measure: str) -> list[list[Float64[np.ndarray, "_ rows"]]]:
        return [[getattr(run, measure)[:, :, place] for run in group] for group in runs]

    epochs = [max((run.epochs for run in group), key=len) for group in runs]
    panels = [_by_epoch(measure, epochs, of(measure), series) for measure in _TITLES]
    panels += [_by_layer(when, layers, of("coherence"), series) for when in _WHEN]
    return Figure(panels, f"{note} All samples. {_FLOOR}", series)


def _by_epoch(
    measure: str,
    epochs: Sequence[np.ndarray],
    found: Sequence[Sequence[Float64[np.ndarray, "_ rows"]]],
    series: Sequence[Series],
) -> Panel:
    """All layers together; an epoch that only some runs reached is the mean of these."""
    rows = [
        {"series": number, "epoch": int(epoch), **_spread(values)}
        for number, runs in enumerate(found)
        for row, epoch in enumerate(epochs[number])
        if (
            values := [run[row, -1] for run in runs if row < len(run) and np.isfinite(run[row, -1])]
        )
    ]
    frame = pandas.DataFrame(rows, columns=["series", "epoch", "mean", "low", "high"])
    x = alt.X("epoch:Q", title="epoch", axis=whole_numbers())
    told = [alt.Tooltip("epoch:Q"), alt.Tooltip("mean:Q", format=".3~r")]
    if measure == "coherence":
        y = alt.Y("mean:Q", title=None, **logarithmic([*frame["low"], *frame["high"]]))
        return Panel(_TITLES[measure], curves(frame, x, y, series, tooltip=told))
    y = alt.Y("mean:Q", title=None)
    lines = curves(frame, x, y, series, tooltip=told)
    return Panel(f"{_TITLES[measure]} (of E |g|²)", layered(level([0]), lines))


def _by_layer(
    when: str,
    layers: Sequence[str],
    found: Sequence[Sequence[Float64[np.ndarray, "_ rows"]]],
    series: Sequence[Series],
) -> Panel:
    """Each layer, from the input on, and all of them; of several epochs the mean."""
    names = [*layers, _ALL]
    rows = []
    for number, runs in enumerate(found):
        for place, name in enumerate(names):
            taken = [run[_WHEN[when], place] for run in runs]
            values = [float(np.nanmean(part)) for part in taken if np.isfinite(part).any()]
            if values:
                row = {"series": number, "place": place, "layer": name}
                rows.append({**row, **_spread(values)})
    frame = pandas.DataFrame(rows, columns=["series", "place", "layer", "mean", "low", "high"])
    x = alt.X("layer:N", sort=names, title=None, axis=_LAYERS)
    y = alt.Y("mean:Q", title=None, **logarithmic([*frame["low"], *frame["high"]]))
    told = [alt.Tooltip("layer:N"), alt.Tooltip("mean:Q", format=".3~r")]
    return Panel(f"coherence by layer, {when}", points(frame, x, y, series, tooltip=told))


def _spread(values: Sequence[float]) -> dict[str, float]:
    spread = Spread.of(values)
    assert spread is not None  # of no values there is no row
    return {"mean": spread.mean, "low": spread.low, "high": spread.high}
