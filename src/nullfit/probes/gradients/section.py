"""What the report says of trainings with ``probe=gradients``."""

from collections.abc import Sequence

import numpy as np
import pandas

from nullfit.charts.figure import Figure, Series
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
    setting_columns,
    settings_together,
    spread_text,
)
from nullfit.results.grouping import Group, groups_of
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
    stored = [group for group in groups if _stored(group.runs)]
    together = settings_together(
        stored, _NAME, lambda run: str(run.result[_NAME].get("layers")), _compared
    )
    drawn = Drawn.of([group.runs[0] for group in groups], _drawn)
    return [
        Section(
            title="Coherence of the gradients",
            text=[*_TEXT, *drawn.left],
            warnings=[_CAUTION],
            table=pandas.DataFrame([_row(group) for group in groups]),
            figures=[*together, *drawn.figures],
        )
    ]


def _drawn(run: TaskRun) -> tuple[list[NamedFigure], list[Picture]]:
    found, name = StoredCoherence.of_arrays(run.arrays()), run.folder.name
    if found is None:
        return [], []
    figure = coherence_of_run(found, run.result[_NAME], note_of(run))
    return [NamedFigure(f"{_NAME}_{name}", name, figure)], []


def _compared(entries: Sequence[Series], groups: Sequence[Group[TaskRun]], note: str) -> Figure:
    layers = groups[0].runs[0].result[_NAME]["layers"]
    return coherence_of_settings(entries, [_stored(group.runs) for group in groups], layers, note)


def _stored(runs: Sequence[TaskRun]) -> list[StoredCoherence]:
    found = (StoredCoherence.of_arrays(run.arrays()) for run in runs)
    return [stored for stored in found if stored is not None]


def _row(group: Group[TaskRun]) -> dict[str, str]:
    first, stored = group.runs[0].result, _stored(group.runs)
    return {
        **setting_columns(group),
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
