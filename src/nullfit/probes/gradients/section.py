"""What the report says of trainings with ``probe=gradients``."""

from collections.abc import Sequence

import numpy as np
import pandas

from nullfit.charts.appearance import network_words
from nullfit.charts.figure import corruption_series
from nullfit.probes.gradients.coherence import KINDS
from nullfit.probes.gradients.figures import coherence_of_run, coherence_of_settings
from nullfit.probes.gradients.stored import StoredCoherence
from nullfit.report.section import (
    Drawn,
    Material,
    NamedFigure,
    Picture,
    Section,
    TaskRun,
    note_of,
    spread_text,
)
from nullfit.results.grouping import Group, groups_of, run_counts
from nullfit.results.spread import Spread

_NAME = "gradients"
_TEXT = [
    "Whether the gradients of single training samples point the same way. Their coherence is the "
    "squared length of the mean gradient over the mean squared length, ‖E g‖² / E ‖g‖²: 1 if all "
    "are equal, one by their number if they are orthogonal (Chatterjee and Zielinski 2022). Pairs "
    "of different samples of one class, and of two, have mean inner products over E ‖g‖² (as Fort "
    "et al. 2019 take them): 0 if orthogonal, negative where a step for one undoes the other. "
    "Classes are the labels trained on.",
    "Gradients are those of the loss in evaluation mode, before training and after each epoch, of "
    "the same samples throughout. Other numbers of the table are means over the measured epochs, "
    "of all layers as one vector; of several runs the mean, with the lowest and the highest.",
]
_CAUTION = (
    "Coherence of few samples is larger, as 1/n is: hold kinds of samples of different number "
    "against each other by their pairs. Gradients of fitted samples are short, and what is left of "
    "them says little of how these were learnt."
)


def sections(of: Material) -> list[Section]:
    """A row for each setting, a figure for each network and data, one for each first run."""
    groups = groups_of(of.runs)
    drawn = Drawn.of([group.runs[0] for group in groups], _drawn)
    return [
        Section(
            title="Coherence of the gradients",
            text=[*_TEXT, *drawn.left],
            warnings=[_CAUTION],
            table=pandas.DataFrame([_row(group) for group in groups]),
            figures=[*_compared(groups), *drawn.figures],
        )
    ]


def _drawn(run: TaskRun) -> tuple[list[NamedFigure], list[Picture]]:
    found, name = StoredCoherence.of_arrays(run.arrays()), run.folder.name
    if found is None:
        return [], []
    figure = coherence_of_run(found, run.result[_NAME], note_of(run))
    return [NamedFigure(f"{_NAME}_{name}", name, figure)], []


def _compared(groups: Sequence[Group[TaskRun]]) -> list[NamedFigure]:
    """Where a network was trained on several versions of the data, these in one figure."""
    alike: dict[tuple[str, str, str], list[Group[TaskRun]]] = {}
    for group in groups:
        first = group.runs[0].result
        layers = str(first[_NAME].get("layers"))
        alike.setdefault((first["model"]["name"], first["data"]["name"], layers), []).append(group)
    figures: list[NamedFigure] = []
    for (model, data, _), members in alike.items():
        stored = [_stored(group.runs) for group in members]
        present = [(g, runs) for g, runs in zip(members, stored, strict=True) if runs]
        if len(present) < 2:
            continue
        entries = corruption_series((group.corruption, group.label) for group, _ in present)
        if len(entries) < len(present):  # some differ in what a label does not say
            continue
        title = f"{network_words(model)}, {data}"
        figure = coherence_of_settings(
            [(entry.label, entry.look) for entry in entries],
            [runs for _, runs in present],
            present[0][0].runs[0].result[_NAME]["layers"],
            f"{title}, all samples; {run_counts(group for group, _ in present)}.",
        )
        figures.append(NamedFigure(f"{_NAME}_{model}_{data}_{len(figures) + 1}", title, figure))
    return figures


def _stored(runs: Sequence[TaskRun]) -> list[StoredCoherence]:
    found = (StoredCoherence.of_arrays(run.arrays()) for run in runs)
    return [stored for stored in found if stored is not None]


def _row(group: Group[TaskRun]) -> dict[str, str]:
    first, stored = group.runs[0].result, _stored(group.runs)
    return {
        "model": network_words(first["model"]["name"]),
        "data": str(first["data"]["name"]),
        "corruption": group.label,
        "n": str(len(group.runs)),
        "samples": f"{first[_NAME]['samples']['all']:,}",
        "coherence before training": _mean(stored, "coherence", "all", slice(0, 1)),
        **{f"coherence: {kind}": _mean(stored, "coherence", kind) for kind in KINDS},
        **{f"one class: {kind}": _mean(stored, "within", kind) for kind in KINDS},
        **{f"two classes: {kind}": _mean(stored, "between", kind) for kind in KINDS},
    }


def _mean(
    stored: Sequence[StoredCoherence], measure: str, kind: str, epochs: slice = slice(None)
) -> str:
    by_epoch = [getattr(run, measure)[epochs, -1, KINDS.index(kind)] for run in stored]
    means = [float(np.nanmean(values)) for values in by_epoch if np.isfinite(values).any()]
    return spread_text(Spread.of(means), lambda value: f"{value:.3g}")
