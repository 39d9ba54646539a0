"""Entries of a matrix replaced by Gaussian noise."""

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.corruptions.corrupted_entries import CorruptedEntries
from nullfit.corruptions.corruption import changes
from nullfit.corruptions.sample_random import normal, order
from nullfit.corruptions.setting_range import check_unit_interval
from nullfit.ranges import Fraction
from nullfit.seeds import derive


@changes("entries")
def gaussian_entries(
    values: Float64[Tensor, " n"], seed: int, *, fraction: Fraction = 1.0
) -> CorruptedEntries:
    """Replace a random ``fraction`` of the observed entries by independent Gaussian noise.

    Its mean and variance are those of all the values. A larger fraction replaces the same entries
    by the same noise, and more of them.

    Raises:
        UserError: ``fraction`` is not in [0, 1].
    """
    check_unit_interval("fraction", fraction)
    shuffled = order(derive(seed, "gaussian_entries", "order"), len(values))
    chosen = shuffled[: int(fraction * len(values) + 0.5)]
    entries = torch.arange(len(values))
    noise = normal(derive(seed, "gaussian_entries"), entries, values.shape).double()
    new_values = values.clone()
    new_values[chosen] = values.mean() + values.std(correction=0) * noise[chosen]
    return CorruptedEntries.compared(values, new_values)
