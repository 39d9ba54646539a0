"""What a corruption of ratings takes and gives.

It is a pure function ``f(values, seed, *, settings…)`` of the observed training entries, declared
``@changes("entries")``. Like a corruption of images it changes none of its arguments, and its draw
follows from the seed alone.
"""

from typing import NamedTuple

from jaxtyping import Bool, Float64
from torch import Tensor


class CorruptedEntries(NamedTuple):
    """Observed entries after a corruption, and which of them it changed."""

    values: Float64[Tensor, " n"]
    changed: Bool[Tensor, " n"]

    @classmethod
    def compared(
        cls, values: Float64[Tensor, " n"], new_values: Float64[Tensor, " n"]
    ) -> "CorruptedEntries":
        """The new values, with the entries that differ from ``values``."""
        return cls(new_values, new_values != values)
