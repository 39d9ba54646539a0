"""What the report says of ``task=rewind``."""

from collections.abc import Sequence

import pandas

from nullfit.charts.appearance import network_words
from nullfit.report.section import (
    Drawn,
    Material,
    NamedFigure,
    Picture,
    Section,
    network_and_data,
    spread_text,
)
from nullfit.results.formats import percent
from nullfit.results.grouping import corruption_label
from nullfit.results.task_run import TaskRun
from nullfit.tasks.rewind.accuracies import Accuracies
from nullfit.tasks.rewind.figures import heat_maps
from nullfit.tasks.rewind.rewound_runs import RewoundRuns

_TEXT = [
    "Where memorization lies: each layer of a trained network is put back to what it was after an "
    "earlier epoch, all others stay as they ended, and accuracy is measured on training samples "
    "whose label is the true one (untouched) and on those whose label was changed (corrupted), "
    "each by the labels trained on (Maini et al. 2023; layers are put back as by Zhang, Bengio & "
    "Singer 2019). The last row puts all layers back: it is the network of that epoch.",
    "Where the corrupted samples are lost and the untouched ones are not, the layer has moved "
    "since for the sake of the corrupted ones.",
]
_CAUTION = (
    "A layer that can be put back without loss was not needed to move; one whose loss is large "
    "was needed, alone or together with others. That says where weights matter for these samples, "
    "not that they are stored there and nowhere else."
)


def sections(of: Material) -> list[Section]:
    """A map for each setting, the mean over its seeds, and a row for each of its layers."""
    groups = _groups(of.runs)
    firsts = {id(members[0]): members for members in groups}

    def draw(first: TaskRun) -> tuple[list[NamedFigure], list[Picture]]:
        members = firsts[id(first)]
        title = _name(first)
        note = f"{title}, n = {len(members)}{', mean' if len(members) > 1 else ''}."
        figure = heat_maps(_read(members), note)
        return [NamedFigure(f"rewind_{first.folder.name}", title, figure)], []

    drawn = Drawn.of([members[0] for members in groups], draw)
    return [
        Section(
            title="Layers put back to earlier epochs",
            text=[*_TEXT, *drawn.left],
            warnings=[_CAUTION],
            table=pandas.DataFrame([row for members in groups for row in _rows(members)]),
            figures=drawn.figures,
        )
    ]


def _groups(runs: Sequence[TaskRun]) -> list[list[TaskRun]]:
    """Runs whose networks differ in the seed alone, and kept the same epochs."""
    found: dict[tuple[str, ...], list[TaskRun]] = {}
    for run in runs:
        about = run.result["rewind"]
        # One network may be there by several names of its layers; it counts once.
        key = (about["setting"], str(about["layers"]), str(about["epochs"]))
        members = found.setdefault(key, [])
        if all(about["run"] != other.result["rewind"]["run"] for other in members):
            members.append(run)
    return list(found.values())


def _read(members: Sequence[TaskRun]) -> RewoundRuns:
    about = members[0].result["rewind"]
    arrays = [Accuracies.of_arrays(run.arrays()) for run in members]
    found = [one for one in arrays if one is not None]
    return RewoundRuns(about["layers"], about["epochs"], found)


def _name(run: TaskRun) -> str:
    return f"{network_and_data(run)}, {corruption_label(run)}"


def _rows(members: Sequence[TaskRun]) -> list[dict[str, str]]:
    """Accuracies with each layer put back to each kept epoch."""
    runs, first = _read(members), members[0].result
    parameters = [*first["rewind"]["parameters"], first["model"]["parameters"]]
    return [
        {
            "model": network_words(members[0].network),
            "data": first["data"]["name"],
            "corruption": corruption_label(members[0]),
            "n": str(len(members)),
            "layer": layer,
            "parameters": f"{count:,}",
            "back to epoch": str(epoch),
            "corrupted %": spread_text(runs.spread("corrupted", row, column), percent),
            "untouched %": spread_text(runs.spread("untouched", row, column), percent),
            "test %": spread_text(runs.spread("test", row, column), percent),
        }
        for row, (layer, count) in enumerate(zip(runs.rows, parameters, strict=True))
        for column, epoch in enumerate(runs.epochs)
    ]
