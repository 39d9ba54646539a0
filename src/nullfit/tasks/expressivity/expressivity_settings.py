"""Constructed networks that differ in the seed only, by the number of points."""

from collections import defaultdict
from collections.abc import Sequence

from nullfit.results.grouping import Group, groups_of
from nullfit.results.task_run import TaskRun


def samples_of(group: Group[TaskRun]) -> int:
    """The number of training samples of its runs."""
    return int(group.runs[0].result["data"]["train_samples"])


def data_of(group: Group[TaskRun]) -> str:
    """The name of the data set of its runs."""
    return str(group.runs[0].result["data"]["name"])


def by_data(runs: Sequence[TaskRun]) -> dict[tuple[str, str], list[Group[TaskRun]]]:
    """The groups of each data set and corruption (its label), few samples first."""
    found: dict[tuple[str, str], list[Group[TaskRun]]] = defaultdict(list)
    for group in groups_of(runs):
        found[data_of(group), group.label].append(group)
    in_order = sorted(found.items(), key=lambda item: item[0][0])
    return {key: sorted(members, key=samples_of) for key, members in in_order}
