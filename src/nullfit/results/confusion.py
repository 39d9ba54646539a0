"""Confusion matrices of a setting's runs, and the accuracy on each class that they hold."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from nullfit.results.result import read_arrays
from nullfit.results.settings import Setting

CONFUSION = "confusion_matrix"


@dataclass(frozen=True)
class Confusion:
    """Where a setting's test samples went: rows are true classes, columns predictions.

    ``shares`` are fractions of a row, over all runs; a class without test samples is NaN.
    """

    setting: Setting
    classes: list[str]
    shares: Float[np.ndarray, "classes classes"]

    @property
    def class_accuracy(self) -> Float[np.ndarray, " classes"]:
        """The fraction of each class that was recognized."""
        return np.diagonal(self.shares)


def confusions_of(settings: Iterable[Setting]) -> list[Confusion]:
    """The confusion matrices of the settings that have any."""
    made = []
    for setting in settings:
        found = [read_arrays(run.folder).get(CONFUSION) for run in setting.runs]
        counts = [matrix for matrix in found if matrix is not None]
        if counts:
            total = np.sum(counts, axis=0, dtype=float)
            samples = total.sum(axis=1, keepdims=True)
            shares = np.divide(total, samples, out=np.full_like(total, np.nan), where=samples > 0)
            names = setting.runs[0].result["data"].get("class_names")
            classes = [str(name) for name in names or range(len(total))]
            made.append(Confusion(setting, classes, shares))
    return made
