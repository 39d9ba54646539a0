"""Runs that differ in the seed alone, whose layers were put back to the same epochs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from nullfit.results.spread import Spread
from nullfit.tasks.rewind.accuracies import Accuracies

ALL_LAYERS = "all layers"


@dataclass(frozen=True)
class RewoundRuns:
    """The ``found`` of n runs; rows are ``layers``, and all of them together."""

    layers: Sequence[str]
    epochs: Sequence[int]
    found: Sequence[Accuracies]

    @property
    def rows(self) -> list[str]:
        """The names of the rows."""
        return [*self.layers, ALL_LAYERS]

    def mean(self, part: str) -> Float64[np.ndarray, "rows epochs"]:
        """Mean accuracy over the runs; ``part`` is untouched, corrupted or test."""
        mean: np.ndarray = np.mean([getattr(one, part) for one in self.found], axis=0)
        return mean

    def spread(self, part: str, row: int, column: int) -> Spread | None:
        """One accuracy over the runs; None where there are no such samples."""
        values = [float(getattr(one, part)[row, column]) for one in self.found]
        return Spread.of(value for value in values if not np.isnan(value))
