"""What a finished test left in arrays.npz, for figures and reports."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from nullfit.tasks.permutation.p_values import adjustments


@dataclass(frozen=True)
class Findings:
    """Statistic, null and p-values of each feature, with its name.

    ``p`` has those that hold under the null of the run; an earlier version left others as well.
    ``arrays`` holds the same in the shape of the inputs; ``is_image`` tells whether that has height
    and width to draw maps of.
    """

    names: tuple[str, ...]
    statistic: Float64[ndarray, " f"]
    null_statistic: Float64[ndarray, "b f"]
    p: dict[str, Float64[ndarray, " f"]]
    arrays: Mapping[str, ndarray]

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, ndarray], null: str) -> "Findings":
        """Read the arrays of a run by its null; a feature's value is that of any of its inputs."""
        numbers = arrays["feature"].ravel()
        names = tuple(str(name) for name in arrays["feature_name"])
        first = np.array([np.argmax(numbers == number) for number in range(len(names))])
        null_statistic = arrays["null_statistic"]
        return cls(
            names,
            arrays["statistic"].ravel()[first],
            null_statistic.reshape(len(null_statistic), -1)[:, first],
            {name: arrays[name].ravel()[first] for name in adjustments(null)},
            arrays,
        )

    @property
    def familywise(self) -> str:
        """The p-values that hold the probability of any false rejection, the sharpest there are."""
        return "p_max_t" if "p_max_t" in self.p else "p_holm"

    @property
    def is_image(self) -> bool:
        """Tables are images one pixel high."""
        shape = self.arrays["statistic"].shape
        return len(shape) == 3 and shape[1] > 1

    def spread(self, count: int) -> list[int]:
        """Some features from the largest statistic to the smallest, in even steps of rank."""
        order = np.argsort(-self.statistic, kind="stable")
        ranks = np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(int)
        return [int(order[rank]) for rank in ranks]
