"""What the report says of ``task=prediction_depth``."""

from collections.abc import Sequence
from typing import Any

import pandas

from nullfit.report.section import (
    Drawn,
    Material,
    NamedFigure,
    Picture,
    Section,
    TaskRun,
    figure_and_samples,
    note_of,
    setting_columns,
    spread_text,
)
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, groups_of
from nullfit.results.spread import Spread
from nullfit.tasks.prediction_depth.figures import by_layer
from nullfit.tasks.prediction_depth.shown import Shown

_NAME = "prediction_depth"
_TEXT = [
    "After each layer of a trained network the nearest training samples of a sample vote on its "
    "label, by the Euclidean distance of their activations. The prediction depth is the first "
    "layer from which on they name what the network answers in the end (Baldock, Maennel and "
    "Neyshabur 2021). Layer 0 is the input; a sample whose neighbours in the softmax output still "
    "name something else has the largest depth, the number of layers. A training sample is none of "
    "its own neighbours, and votes are the labels trained on.",
    "Numbers are means over the runs of a setting, with the lowest and the highest. The area under "
    "the ROC curve is the chance that a sample with a corrupted label is deeper than an untouched "
    "one; equals count one half.",
    "Of each run the pictures show the deepest samples and ten of the shallowest; among equals "
    "those count as deeper whose neighbours disagree after more layers.",
]
_CAUTION = (
    "Depths count layers of one network and compare samples within it, not networks. Rare and "
    "ambiguous samples are deep, too: a large depth does not say that a label is wrong."
)


def sections(of: Material) -> list[Section]:
    """The table over all settings; histogram, accuracies and pictures of each of the first runs."""
    drawn = Drawn.of(of.runs, _drawn)
    return [
        Section(
            title="Samples by prediction depth",
            text=[*_TEXT, *drawn.left],
            warnings=[_CAUTION],
            table=pandas.DataFrame([_row(group) for group in groups_of(of.runs)]),
            figures=drawn.figures,
            pictures=drawn.pictures,
        )
    ]


def _drawn(run: TaskRun) -> tuple[list[NamedFigure], list[Picture]]:
    arrays, name = run.arrays(), run.folder.name
    shown = Shown.of_arrays(arrays)
    if shown is None:
        return [], []
    figure = by_layer(run.result[_NAME], arrays, note_of(run))
    return figure_and_samples(f"{_NAME}_{name}", name, figure, shown.rows(), run)


def _row(group: Group[TaskRun]) -> dict[str, str]:
    found = [run.result[_NAME] for run in group.runs]
    return {
        **setting_columns(group),
        "layers": str(len(found[0]["layers"])),
        "neighbours": str(found[0]["neighbours"]),
        "depth: untouched": _spread([one["mean_depth"]["untouched"] for one in found]),
        "depth: corrupted": _spread([one["mean_depth"]["corrupted"] for one in found]),
        "depth: test set": _spread([one["mean_depth"]["test"] for one in found]),
        "labels named at the input": _share([_part(one, 0) for one in found]),
        "at the output": _share([_part(one, -1) for one in found]),
        "test labels at the input": _share([_part(one, 0, "test") for one in found]),
        "and at the output": _share([_part(one, -1, "test") for one in found]),
        "area": _spread([one["area_under_curve"] for one in found], 3),
    }


def _part(section: dict[str, Any], layer: int, kind: str = "train") -> float:
    return float(section["neighbour_accuracy"][kind][layer])


def _spread(values: Sequence[float | None], digits: int = 2) -> str:
    return spread_text(Spread.of(values), lambda value: f"{value:.{digits}f}")


def _share(values: Sequence[float]) -> str:
    return spread_text(Spread.of(values), lambda value: f"{percent(value)}%")
