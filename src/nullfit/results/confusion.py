"""Confusion matrices of a setting's runs, and the accuracy on each class that they hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from nullfit.results.settings import Setting
from nullfit.results.task_run import BY_EPOCH, CONFUSION, EPOCHS


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
            made.append(_of_counts(setting, counts))
    return made


def recorded_epochs(settings: Iterable[Setting]) -> list[int]:
    """The epochs after which any of their runs recorded a matrix (trainer.record_confusion)."""
    found = [run.arrays(EPOCHS).get(EPOCHS, ()) for s in settings for run in s.finite]
    return sorted({int(epoch) for epochs in found for epoch in epochs})


def confusions_by_epoch(setting: Setting, epochs: Sequence[int]) -> dict[int, Confusion]:
    """The confusion matrix after each of these epochs, which rise, where it is a new one.

    Each run counts with the last matrix that it recorded by then: one that stopped keeps it.
    """
    recorded = [run.arrays(BY_EPOCH, EPOCHS) for run in setting.finite]
    runs = [(found[EPOCHS], found[BY_EPOCH]) for found in recorded if len(found) == 2]
    made: dict[int, Confusion] = {}
    before = [0] * len(runs)
    for epoch in epochs:
        known = [int((at <= epoch).sum()) for at, _ in runs]
        if known != before:
            counts = [matrices[n - 1] for n, (_, matrices) in zip(known, runs, strict=True) if n]
            made[epoch] = _of_counts(setting, counts)
        before = known
    return made


def evenly(epochs: Sequence[int], most: int) -> list[int]:
    """At most so many of them, two or more, with the first and the last."""
    chosen = np.linspace(0, len(epochs) - 1, min(most, len(epochs))).round().astype(int)
    return [epochs[place] for place in chosen]


def _of_counts(setting: Setting, counts: Sequence[Int[np.ndarray, "classes classes"]]) -> Confusion:
    total = np.sum(counts, axis=0, dtype=float)
    samples = total.sum(axis=1, keepdims=True)
    shares = np.divide(total, samples, out=np.full_like(total, np.nan), where=samples > 0)
    names = setting.runs[0].result["data"].get("class_names")
    classes = [str(name) for name in names or range(len(total))]
    return Confusion(setting, classes, shares, samples[:, 0] / samples.sum())
