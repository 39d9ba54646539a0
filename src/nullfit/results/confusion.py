"""Confusion matrices of a setting's runs, and the accuracy on each class that they hold."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from nullfit.results.settings import Setting
from nullfit.results.task_run import CONFUSION


@dataclass(frozen=True)
class Confusion:
    """Where a setting's test samples went: rows are true classes, columns predictions.

    ``shares`` are fractions of a row, over all runs that did not diverge; a class without test
    samples is NaN. ``of_classes`` is how frequent each true class is, as fractions of all samples:
    what a network recognizes of a class that predicts classes as often as there are, but blindly.
    """

    setting: Setting
    classes: list[str]
    shares: Float[np.ndarray, "classes classes"]
    of_classes: Float[np.ndarray, " classes"]

    @property
    def class_accuracy(self) -> Float[np.ndarray, " classes"]:
        """The fraction of each class that was recognized."""
        return np.diagonal(self.shares)


def confusions_of(settings: Iterable[Setting]) -> list[Confusion]:
    """The confusion matrices of the settings that have any."""
    made = []
    for setting in settings:
        found = [run.arrays(CONFUSION).get(CONFUSION) for run in setting.finite]
        counts = [matrix for matrix in found if matrix is not None]
        if counts:
            total = np.sum(counts, axis=0, dtype=float)
            samples = total.sum(axis=1, keepdims=True)
            shares = np.divide(total, samples, out=np.full_like(total, np.nan), where=samples > 0)
            names = setting.runs[0].result["data"].get("class_names")
            classes = [str(name) for name in names or range(len(total))]
            of_classes = samples[:, 0] / samples.sum()
            made.append(Confusion(setting, classes, shares, of_classes))
    return made
