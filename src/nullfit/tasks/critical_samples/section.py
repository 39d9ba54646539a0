"""What the report says of ``task=critical_samples``."""

from collections.abc import Sequence
from typing import Any

import pandas

from nullfit.charts.figure import Figure, Series
from nullfit.report.section import (
    Drawn,
    Material,
    NamedFigure,
    Picture,
    Section,
    TaskRun,
    network_and_data,
    setting_columns,
    settings_together,
    spread_text,
)
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, groups_of, run_counts
from nullfit.results.spread import Spread
from nullfit.tasks.critical_samples.figures import RATIO, SENSITIVITY, by_kind, by_setting

_NAME = "critical_samples"
_TEXT = [
    "A sample is critical if the network answers another class somewhere in a box around it, as "
    "far as a search finds it; the share of such samples says how many decision boundaries run "
    "between the data (Arpit et al. 2017). Loss sensitivity is the sum of the absolute derivatives "
    "of a sample's loss, by the label trained on, with respect to its pixels. Both are measured "
    "after each epoch whose weights the run kept, and after its last, in evaluation mode. Epoch 0 "
    "is before training.",
    "The Gini coefficient is that of the loss sensitivities of the training samples, each averaged "
    "over those epochs: 0 if all are alike, near 1 if few samples have it all. Numbers are of the "
    "last epoch: means over the runs of a setting, with the lowest and the highest.",
]
_CAUTION = (
    "The search finds less than there is: a ratio is a lower bound, of this box, step and number "
    "of steps. Compare networks by the same box only."
)
_KINDS = ("untouched", "corrupted", "test")


def sections(of: Material) -> list[Section]:
    """A row and a figure for each setting, and settings of one network in one figure."""
    groups = groups_of(of.runs)
    firsts = {id(group.runs[0]): group for group in groups}

    def draw(first: TaskRun) -> tuple[list[NamedFigure], list[Picture]]:
        group = firsts[id(first)]
        about = f"{network_and_data(first)}, {group.label}; {run_counts([group])}."
        figure = by_kind(_counted(group), about)
        return [NamedFigure(f"{_NAME}_{first.folder.name}", first.folder.name, figure)], []

    drawn = Drawn.of([group.runs[0] for group in groups], draw)
    return [
        Section(
            title="Critical samples",
            text=[*_TEXT, *drawn.left],
            warnings=[_CAUTION],
            table=pandas.DataFrame([_row(group) for group in groups]),
            figures=[*settings_together(groups, _NAME, _box, _compared), *drawn.figures],
        )
    ]


def _counted(group: Group[TaskRun]) -> list[dict[str, Any]]:
    return [run.result[_NAME] for run in group.runs]


def _box(run: TaskRun) -> tuple[Any, ...]:
    return tuple(run.result[_NAME][key] for key in ("radius", "step", "noise", "steps"))


def _compared(entries: Sequence[Series], groups: Sequence[Group[TaskRun]], note: str) -> Figure:
    return by_setting(list(zip(entries, map(_counted, groups), strict=True)), note)


def _row(group: Group[TaskRun]) -> dict[str, str]:
    found = _counted(group)
    ends = Spread.of(run["epochs"][-1] for run in found)
    return {
        **setting_columns(group),
        "radius": f"{found[0]['radius']:g}",
        "last epoch": spread_text(ends, lambda epoch: f"{epoch:g}"),
        **{
            f"critical: {kind}": spread_text(_last(found, RATIO, kind), lambda r: f"{percent(r)}%")
            for kind in _KINDS
        },
        **{
            f"loss sensitivity: {kind}": spread_text(
                _last(found, SENSITIVITY, kind), lambda value: f"{value:.3g}"
            )
            for kind in _KINDS
        },
        "Gini, training set": spread_text(
            Spread.of(run["gini_of_loss_sensitivity"].get("train") for run in found),
            lambda value: f"{value:.3f}",
        ),
    }


def _last(found: Sequence[dict[str, Any]], name: str, kind: str) -> Spread | None:
    return Spread.of(run[name][kind][-1] for run in found if kind in run[name])
