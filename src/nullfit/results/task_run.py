"""A finished run of whatever task, as it lies in its folder."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nullfit.results.result import Result, read_arrays

# In arrays.npz: rows are true classes, columns predictions. Those of further test sets have their
# names behind it.
CONFUSION = "confusion_matrix"
# With trainer.record_confusion: one such matrix for each evaluation, and the epoch of each.
BY_EPOCH, EPOCHS = "confusion_by_epoch", "confusion_epochs"

_SIZED = re.compile(r"(mlp_)\d+(?:x\d+)+$")  # options that are named by their widths
_OF_OTHER_TEST = re.compile(r"test_(?!clean/)(?P<name>[^/]+)/accuracy")


@dataclass(frozen=True)
class TaskRun:
    """A finished run: its folder, what result.json says, and its settings.

    ``config`` is config.yaml as plain values; empty where the task wrote none.
    """

    folder: Path
    result: Result
    config: dict[str, Any]

    @property
    def task(self) -> str:
        """The name of its task."""
        return str(self.result["task"])

    @property
    def model(self) -> str:
        """The option that its network was chosen by."""
        return str(self.result["model"]["name"])

    @property
    def network(self) -> str:
        """What its network is called: the option, of the sizes that it was given.

        ``model=mlp_1x512 model.hidden=[64]`` is ``mlp_1x64``.
        """
        given = self.config.get("model", {})
        name, widths = str(given.get("name", self.model)), given.get("hidden")
        kind = _SIZED.match(name)
        if kind is None or not isinstance(widths, list):
            return name
        if not widths:
            return "linear"
        alike = len(set(widths)) == 1
        return kind[1] + "x".join(map(str, [len(widths), widths[0]] if alike else widths))

    @property
    def corruption(self) -> str:
        """The name of its corruption; none where the task has no use for one."""
        return str(self.result.get("corruption", {}).get("name", "none"))

    @property
    def strength(self) -> dict[str, int | float]:
        """The corruption's numeric settings, such as its probability."""
        found = numbers_of(self.result.get("corruption", {}))
        return {key: value for key, value in found.items() if not key.endswith("_changed")}

    @property
    def diverged(self) -> bool:
        """Whether its loss did not stay finite: what it measured then means nothing."""
        return bool(self.result["status"] == "diverged")

    @property
    def measured(self) -> dict[str, Any]:
        """Its metrics, and of a test how many features are significant by each adjustment."""
        own = self.result.get(self.task)
        counts = own.get("significant") if isinstance(own, dict) else None
        found = numbers_of(counts) if isinstance(counts, dict) else {}
        significant = {f"significant/{name}": count for name, count in found.items()}
        return {**significant, **self.result.get("metrics", {})}

    @cached_property
    def chance(self) -> float | None:
        """The share of the most frequent class among its test labels.

        None where neither it nor a confusion matrix was kept: the number of classes does not tell.
        """
        known = self.result.get("data", {}).get("largest_test_class")
        if known is not None:
            return float(known)
        counts = self.test_counts
        return None if not counts or not sum(counts) else max(counts) / sum(counts)

    @property
    def test_counts(self) -> list[int] | None:
        """The test samples of each class; None where no confusion matrix was kept."""
        matrix = self.arrays(CONFUSION).get(CONFUSION)
        return None if matrix is None else [int(count) for count in matrix.sum(axis=1)]

    def arrays(self, *names: str) -> dict[str, Any]:
        """The arrays of arrays.npz by name, or those that are named; empty if it has none."""
        return read_arrays(self.folder, *names)


def chance_of(runs: Iterable[TaskRun]) -> float | None:
    """The accuracy of naming the most frequent class of the test set, whatever the image.

    None where no run tells it, or where runs were tested on sets that differ in it.
    """
    known = {run.chance for run in runs} - {None}
    return known.pop() if len(known) == 1 else None


def numbers_of(settings: Mapping[str, Any]) -> dict[str, int | float]:
    """Those whose value is a number."""
    found = {key: value for key, value in settings.items() if isinstance(value, int | float)}
    return {key: value for key, value in found.items() if not isinstance(value, bool)}


def other_tests_of(metrics: Iterable[str]) -> list[str]:
    """The names of the test sets under further corruptions (``data.test_corruptions``)."""
    found = [_OF_OTHER_TEST.fullmatch(metric) for metric in metrics]
    return [match["name"] for match in found if match]
