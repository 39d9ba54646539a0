"""The test error over rank and penalty."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from nullfit.tasks.factorization.factorization_settings import FactorizationSetting, best


@dataclass(frozen=True)
class ErrorMap:
    """Mean errors, rows by rank and columns by penalty; NaN where there is no run.

    ``true_rank`` is known of generated matrices only.
    """

    label: str
    ranks: list[int]
    penalties: list[float]
    train: Float64[np.ndarray, "ranks penalties"]
    test: Float64[np.ndarray, "ranks penalties"]
    true_rank: int | None

    @property
    def lowest(self) -> tuple[int, int]:
        """Row and column of the lowest test error."""
        row, column = np.unravel_index(np.nanargmin(self.test), self.test.shape)
        return int(row), int(column)


def error_maps(settings: Sequence[FactorizationSetting]) -> list[ErrorMap]:
    """A map for each corruption with several ranks and several penalties.

    Only settings with one penalty for both factors and the training share and iterations of the
    best one are in it.
    """
    at = best(settings).values
    shown = [
        s
        for s in settings
        if s.tied and all(s.values[key] == at[key] for key in ("train_share", "iterations"))
    ]
    maps = [
        _map([s for s in shown if s.label == label])
        for label in dict.fromkeys(s.label for s in shown)
    ]
    return [found for found in maps if len(found.ranks) > 1 and len(found.penalties) > 1]


def _map(settings: list[FactorizationSetting]) -> ErrorMap:
    ranks = sorted({int(s.values["rank"]) for s in settings})
    penalties = sorted({s.values["lambda_u"] for s in settings})
    train, test = (np.full((len(ranks), len(penalties)), np.nan) for _ in range(2))
    for s in settings:
        cell = ranks.index(int(s.values["rank"])), penalties.index(s.values["lambda_u"])
        train[cell], test[cell] = s.measured("train/mse").mean, s.measured("test/mse").mean
    known = settings[0].runs[0].result["factorization"]["true_rank"]
    return ErrorMap(settings[0].label, ranks, penalties, train, test, known)
