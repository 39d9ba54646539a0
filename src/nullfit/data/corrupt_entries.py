"""Applying the steps of a corruption to the training entries of a matrix."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from jaxtyping import Float64
from torch import Tensor

from nullfit.corruptions.corrupted_entries import CorruptedEntries
from nullfit.corruptions.none import none
from nullfit.data.corrupt import Step
from nullfit.seeds import derive


def corrupt_entries(
    values: Float64[Tensor, " n"], steps: Sequence[Step], seed: int
) -> CorruptedEntries:
    """Apply ``steps`` in their order; corruptions of images are refused before it comes to this."""
    new_values = values
    for step in steps:
        if isinstance(step.corruption, partial) and step.corruption.func is none:
            continue
        own = seed if step.position is None else derive(seed, "chain", step.position)
        corruption: Any = step.corruption  # one of entries has another signature
        new_values, _ = corruption(new_values, own)
    return CorruptedEntries.compared(values, new_values)
