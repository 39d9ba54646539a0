"""Applying the steps of a corruption to a split."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Corruption, Origin
from nullfit.seeds import derive

SplitName = Literal["train", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "test")


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
