"""Corruptions in a row: which splits each applies to, and one after the other what they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from nullfit.corruptions.corrupted_entries import CorruptedEntries
from nullfit.corruptions.corruption import Corrupted, Corruption, Origin, declared
from nullfit.seeds import derive

SplitName = Literal["train", "test"]


@dataclass(frozen=True)
class Step:
    """One corruption with its settings, and the splits that it applies to.

    ``position`` is its place in a chain, by which it draws: the same on every split.
    """

    corruption: Corruption
    apply_to: Literal["train", "test", "both"]
    position: int | None = None

    def own_seed(self, seed: int) -> int:
        """The seed that this step draws with in a randomization of ``seed``."""
        return seed if self.position is None else derive(seed, "chain", self.position)


def corrupt(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    steps: Sequence[Step],
    seed: int,
    split: SplitName,
    origin: Origin,
) -> Corrupted:
    """Apply, in their order, the steps that are meant for a split."""
    new_images, new_labels = images, labels
    for step in steps:
        if step.apply_to in (split, "both"):
            own = step.own_seed(seed)
            new_images, new_labels, _ = step.corruption(new_images, new_labels, own, origin)
    return Corrupted.compared(images, labels, new_images, new_labels)


def corrupt_entries(
    values: Float64[Tensor, " n"], steps: Sequence[Step], seed: int
) -> CorruptedEntries:
    """Apply ``steps`` in their order; corruptions of images are refused before it comes to this."""
    new_values = values
    for step in steps:
        if (declaration := declared(step.corruption)) and not declaration.changes:
            continue  # it takes whatever data there are
        corruption: Any = step.corruption  # one of entries has another signature
        new_values, _ = corruption(new_values, step.own_seed(seed))
    return CorruptedEntries.compared(values, new_values)
