"""What the report says of trainings with ``probe=dynamics``."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas
import torch
from jaxtyping import Bool

from nullfit.charts.samples import SampleRow
from nullfit.probes.dynamics.figures import dynamics
from nullfit.probes.dynamics.shown import Shown
from nullfit.probes.dynamics.statistics import SCORES
from nullfit.report.section import (
    Drawn,
    Material,
    NamedFigure,
    Picture,
    Section,
    TaskRun,
    figure_and_samples,
    filled,
    note_of,
    setting_columns,
    spread_text,
)
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, groups_of
from nullfit.results.spread import Spread

_NAME = "dynamics"
_TEXT = [
    "What the steps of a training say of each sample they train on. A forgetting event is an epoch "
    "that answers a sample wrongly after one that answered it correctly. The margin is the logit "
    "of the sample's label less the largest other one; its mean over the epochs is the area under "
    "the margin (AUM). Confidence and variability are mean and standard deviation of the "
    "probability given to the label over the epochs; correctness is the share of epochs that "
    "answered the sample correctly. EL2N is the length of the error vector, the probabilities "
    "less the label's indicator, in an early epoch.",
    "The area by a score (under its ROC curve) is the chance that a sample with a corrupted label "
    "looks more suspicious than an untouched one: learnt later, forgotten more often, of smaller "
    "margin, confidence and correctness, of larger variability and EL2N. One half is chance. "
    "Numbers are means over the runs of a setting, shares with the lowest and the highest.",
    "Of each run the pictures show ten samples forgotten most, before these the samples that were "
    "never learnt, and ten forgotten least; among equals the margin decides. Each is drawn from "
    "its least value, black, to its largest, white.",
]
_CAUTION = (
    "The scores order samples by how hard they were to learn here. Rare and ambiguous samples look "
    "like corrupted ones, and none of the scores says that a label is wrong."
)
_ANY = "never forgotten in any run"


def sections(of: Material) -> list[Section]:
    """The table over all settings; map, histograms and pictures of each of the first runs."""
    drawn = Drawn.of(of.runs, _drawn)
    return [
        Section(
            title="Samples by their training dynamics",
            text=[*_TEXT, *drawn.left],
            warnings=[_CAUTION],
            table=_table(groups_of(of.runs)),
            figures=drawn.figures,
            pictures=drawn.pictures,
        )
    ]


def _drawn(run: TaskRun) -> tuple[list[NamedFigure], list[Picture]]:
    arrays, name = run.arrays(), run.folder.name
    shown = Shown.of_arrays(arrays)
    if shown is None:
        return [], []
    figure = dynamics(arrays, shown.label_changed, note_of(run))
    rows = _rows(shown) if len(shown.indices) else []
    return figure_and_samples(f"{_NAME}_{name}", name, figure, rows, run)


def _rows(shown: Shown) -> list[SampleRow]:
    half = len(shown.indices) // 2
    images = torch.from_numpy(shown.pictures).float().div(255)
    labels, true = torch.from_numpy(shown.labels), torch.from_numpy(shown.true_labels)
    return [
        SampleRow(label, images[part], labels[part], true[part])
        for label, part in (
            ("forgotten most", slice(half, None)),
            ("forgotten least", slice(None, half)),
        )
    ]


def _table(groups: Sequence[Group[TaskRun]]) -> pandas.DataFrame:
    several = any(len(group.runs) > 1 for group in groups)
    return filled(_row(group, several) for group in groups)


def _row(group: Group[TaskRun], several: bool) -> dict[str, str]:
    found = [run.result[_NAME] for run in group.runs]
    areas = [run.get("area_under_curve") or {} for run in found]
    row = {
        **setting_columns(group),
        "never learnt": _shares(found, "never_learnt"),
        "never forgotten": _shares(found, "never_forgotten"),
    }
    if several:
        row[_ANY] = _in_any(group.runs)
    return row | {
        f"area: {name.replace('_', ' ')}": _mean(run.get(name) for run in areas) for name in SCORES
    }


def _shares(found: Sequence[dict[str, Any]], key: str) -> str:
    return spread_text(Spread.of(run.get(key) for run in found), _percent)


def _mean(values: Iterable[float | None]) -> str:
    spread = Spread.of(values)
    return "–" if spread is None else f"{spread.mean:.3f}"


def _percent(share: float) -> str:
    return f"{percent(share)}%"


def _in_any(runs: Sequence[TaskRun]) -> str:
    """The share of samples that every run learnt and never forgot, if all trained on the same."""
    never: list[Bool[np.ndarray, " n"]] = [
        found["forgetting"] == 0 for run in runs if (found := run.arrays("forgetting"))
    ]
    if len(never) < 2 or len({len(run) for run in never}) > 1:
        return "–"
    return _percent(float(np.all(never, axis=0).mean()))
