"""What the report says of ``task=critical_samples``."""

from collections.abc import Sequence
from typing import Any

import pandas

from nullfit.charts.appearance import network_words
from nullfit.charts.figure import corruption_series
from nullfit.report.section import (
    Drawn,
    Material,
    NamedFigure,
    Picture,
    Section,
    TaskRun,
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
        figure = by_kind(_counted(group), f"{_name(first)}, {group.label}; {run_counts([group])}.")
        return [NamedFigure(f"{_NAME}_{first.folder.name}", first.folder.name, figure)], []

    drawn = Drawn.of([group.runs[0] for group in groups], draw)
    return [
        Section(
            title="Critical samples",
            text=[*_TEXT, *drawn.left],
            warnings=[_CAUTION],
            table=pandas.DataFrame([_row(group) for group in groups]),
            figures=[*_compared(groups), *drawn.figures],
        )
    ]


def _counted(group: Group[TaskRun]) -> list[dict[str, Any]]:
    return [run.result[_NAME] for run in group.runs]


def _name(run: TaskRun) -> str:
    return f"{network_words(run.result['model']['name'])}, {run.result['data']['name']}"


def _compared(groups: Sequence[Group[TaskRun]]) -> list[NamedFigure]:
    """Where a network was trained on several versions of the data, these in one figure."""
    alike: dict[tuple[str, ...], list[Group[TaskRun]]] = {}
    for group in groups:
        box = tuple(str(_counted(group)[0][key]) for key in ("radius", "step", "noise", "steps"))
        alike.setdefault((_name(group.runs[0]), *box), []).append(group)
    figures: list[NamedFigure] = []
    for (name, *_), members in alike.items():
        if len(members) > 1:
            series = corruption_series((group.corruption, group.label) for group in members)
            if len(series) < len(members):  # some differ in what a label does not say
                continue
            settings = [(entry, _counted(g)) for entry, g in zip(series, members, strict=True)]
            figure = by_setting(settings, f"{name}; {run_counts(members)}.")
            figures.append(NamedFigure(f"{_NAME}_settings_{len(figures) + 1}", name, figure))
    return figures


def _row(group: Group[TaskRun]) -> dict[str, str]:
    first, found = group.runs[0].result, _counted(group)
    return {
        "model": network_words(first["model"]["name"]),
        "data": str(first["data"]["name"]),
        "corruption": group.label,
        "n": str(len(group.runs)),
        "radius": f"{found[0]['radius']:g}",
        "last epoch": spread_text(_spread(run["epochs"][-1] for run in found), lambda e: f"{e:g}"),
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
            _spread(run["gini_of_loss_sensitivity"].get("train") for run in found),
            lambda value: f"{value:.3f}",
        ),
    }


def _last(found: Sequence[dict[str, Any]], name: str, kind: str) -> Spread | None:
    return _spread(run[name][kind][-1] for run in found if kind in run[name])


def _spread(values: Any) -> Spread | None:
    return Spread.of(float(value) for value in values if value is not None)
