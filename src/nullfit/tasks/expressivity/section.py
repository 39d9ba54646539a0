"""What the report says of ``task=expressivity``."""

import pandas

from nullfit.report.section import Material, NamedFigure, Section, TaskRun, spread_text
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, groups_of, run_counts
from nullfit.tasks.expressivity.figures import (
    HALF_A_LABEL,
    RESIDUAL,
    Along,
    accuracies_and_residuals,
    data_of,
    function,
    samples_of,
    smallest,
)

_TEXT = [
    "Theorem 1 of Zhang et al. 2017, constructed: a two-layer ReLU network with 2n + d weights "
    "takes any labels at n distinct points in d dimensions. It is solved for, not trained: the "
    "points are projected on a random direction, and a triangular system gives the weights. Its "
    "one output is read as the nearest class.",
    "It fits random labels exactly, as it does true ones, and predicts nothing: a count of weights "
    "says that a network can fit, not what it will do on unseen data.",
]
_NOT_EXACT = (
    "{}: the largest residual is {:.2g}, half a label or more: rounding has the upper hand."
)
_NOTE = (
    "Mean over the seeds ({}); bands and bars reach from the lowest to the highest. Grey: "
    "chance, where it is known, and half a label. Data: {}."
)
_FUNCTION = "{}, seed {}. Line: the function along its direction a; points: labels.{}"


def sections(of: Material) -> list[Section]:
    """Accuracies and residuals of all runs, and the function of the smallest."""
    groups = groups_of(of.runs)
    least = smallest(groups)
    first = least.runs[0]
    along = Along.of(first)
    setting = f"{data_of(least)}, {least.label}, n = {samples_of(least):,}"
    note = _NOTE.format(run_counts(groups), ", ".join(sorted(set(map(data_of, groups)))))
    line = _FUNCTION.format(setting, first.result["seed"], _shown(along, least))
    return [
        Section(
            title="Expressivity: 2n + d weights fit anything",
            text=_TEXT,
            warnings=[
                _NOT_EXACT.format(run.folder.name, run.result["metrics"][RESIDUAL])
                for run in of.runs
                if run.result["metrics"][RESIDUAL] >= HALF_A_LABEL
            ],
            table=pandas.DataFrame([_row(group) for group in _in_rows(groups)]),
            figures=[
                NamedFigure(
                    "expressivity", "accuracy and residual", accuracies_and_residuals(groups, note)
                ),
                NamedFigure(
                    "expressivity_function", f"the function: {setting}", function(along, line)
                ),
            ],
        )
    ]


def _in_rows(groups: list[Group[TaskRun]]) -> list[Group[TaskRun]]:
    """By data set and corruption, few samples first."""
    labels = [group.label for group in groups]
    return sorted(groups, key=lambda g: (data_of(g), labels.index(g.label), samples_of(g)))


def _shown(along: Along, group: Group[TaskRun]) -> str:
    shown = len(along.targets)
    return "" if shown == samples_of(group) else f" Shown: the {shown} points of lowest projection."


def _row(group: Group[TaskRun]) -> dict[str, str]:
    first = group.runs[0].result
    return {
        "data": data_of(group),
        "corruption": group.label,
        "samples": f"{samples_of(group):,}",
        "weights": f"{first['model']['parameters']:,}",
        "n": str(len(group.runs)),
        "train %": spread_text(group.measured("train/accuracy"), percent),
        "test %": spread_text(group.measured("test/accuracy"), percent),
        "largest residual": spread_text(group.measured(RESIDUAL), "{:.1e}".format),
    }
