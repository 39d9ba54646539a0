"""Critical sample ratio and loss sensitivity along a training."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas

from nullfit.charts.appearance import LABEL_KINDS, Look
from nullfit.charts.axes import fractions, logarithmic, whole_numbers
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import curves
from nullfit.results.spread import Spread

Counted = Mapping[str, Any]  # the section of a run in result.json

RATIO, SENSITIVITY = "critical_sample_ratio", "loss_sensitivity"
_LOOKS = {
    "untouched": LABEL_KINDS[False],
    "corrupted": LABEL_KINDS[True],
    "test": Look("test set", "#0072B2", (4.0, 2.0), "circle"),
}
_TITLES = {RATIO: "critical samples", SENSITIVITY: "loss sensitivity"}
_SPLITS = {"train": "training set", "test": "test set"}


def by_kind(runs: Sequence[Counted], note: str) -> Figure:
    """Untouched, corrupted and test samples of runs that differ in the seed alone."""
    kinds = [kind for kind in _LOOKS if kind in runs[0][RATIO]]
    series = [Series(_LOOKS[kind].label, _LOOKS[kind]) for kind in kinds]
    panels = [
        _panel(name, _TITLES[name], [(runs, kind) for kind in kinds], series) for name in _TITLES
    ]
    return Figure(panels, f"{note} {_box(runs[0])}", series)


def by_setting(settings: Sequence[tuple[Series, Sequence[Counted]]], note: str) -> Figure:
    """All training samples, and test samples, of several settings."""
    series = [entry for entry, _ in settings]
    panels = [
        _panel(name, f"{_TITLES[name]}, {words}", [(runs, kind) for _, runs in settings], series)
        for name in _TITLES
        for kind, words in _SPLITS.items()
    ]
    return Figure(panels, f"{note} {_box(settings[0][1][0])}", series)


def _panel(
    name: str,
    title: str,
    lines: Sequence[tuple[Sequence[Counted], str]],
    series: Sequence[Series],
) -> Panel:
    """A line for each of the runs with a kind of samples, a point for each epoch."""
    rows = []
    for number, (runs, kind) in enumerate(lines):
        by_epoch: dict[int, list[float]] = {}
        for run in runs:
            for epoch, value in zip(run["epochs"], run[name][kind], strict=True):
                by_epoch.setdefault(epoch, []).append(value)
        for epoch, values in sorted(by_epoch.items()):
            spread = Spread.of(values)
            assert spread is not None  # an epoch has a value
            ends = {"mean": spread.mean, "low": spread.low, "high": spread.high}
            rows.append({"series": number, "epoch": epoch, **ends})
    frame = pandas.DataFrame(rows)
    x = alt.X("epoch:Q", title="epoch", axis=whole_numbers())
    if name == RATIO:
        axis, form = fractions(float(frame["high"].max())), ".1%"
    else:
        axis, form = logarithmic([*frame["low"], *frame["high"]]), ".3~r"
    y = alt.Y("mean:Q", title=None, **axis)
    told = [alt.Tooltip("epoch:Q"), alt.Tooltip("mean:Q", format=form)]
    return Panel(title, curves(frame, x, y, series, tooltip=told))


def _box(run: Counted) -> str:
    return (
        f"Critical: another answer where no pixel changes by more than {run['radius']:g} of its "
        "range. Loss sensitivity: the sum of |∂L/∂x| over the pixels, x in units of that range."
    )
