"""Shuffled entries of a matrix."""

from jaxtyping import Float64
from torch import Tensor

from nullfit.corruptions.corrupted_entries import CorruptedEntries
from nullfit.corruptions.corruption import changes
from nullfit.corruptions.sample_random import order
from nullfit.corruptions.setting_range import check_unit_interval
from nullfit.ranges import Fraction
from nullfit.seeds import derive


@changes("entries")
def shuffled_entries(
    values: Float64[Tensor, " n"], seed: int, *, fraction: Fraction = 1.0
) -> CorruptedEntries:
    """Permute the values of a random ``fraction`` of the observed entries among them.

    Which cells are observed stays as it is, and so does the multiset of values.

    Raises:
        UserError: ``fraction`` is not in [0, 1].
    """
    check_unit_interval("fraction", fraction)
    shuffled = order(derive(seed, "shuffled_entries"), len(values))
    chosen = shuffled[: int(fraction * len(values) + 0.5)]
    new_values = values.clone()
    new_values[chosen.sort().values] = values[chosen]
    return CorruptedEntries.compared(values, new_values)
