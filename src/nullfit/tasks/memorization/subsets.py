"""Which samples each training is trained on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from nullfit.errors import UserError
from nullfit.seeds import generator

# So many trainings of one share in a row see places in the same order. Which ones these are does
# not depend on how many are trained at once, or in all.
BLOCK = 64


@dataclass(frozen=True)
class Subsets:
    """Random subsets of n training samples: the k-th training has ``shares[k mod len(shares)]``.

    Each subset is uniform among those of its size, independent of all others, and follows from
    (seed, k) alone: the subsets of more trainings begin with those of fewer.
    """

    samples: int
    shares: tuple[float, ...]
    seed: int

    def size(self, share: float) -> int:
        """How many samples a subset of this share has.

        Raises:
            UserError: it would have none, or all.
        """
        size = round(share * self.samples)
        if not 0 < size < self.samples:
            raise UserError(
                f"memorization.share={share:g} of {self.samples} samples leaves nobody in or "
                "nobody out: choose a share that does both."
            )
        return size

    def share_of(self, training: int) -> float:
        """The share of the samples that a training has."""
        return self.shares[training % len(self.shares)]

    def of(self, training: int) -> Int64[Tensor, " size"]:
        """The samples of one training, in random order."""
        order = torch.randperm(self.samples, generator=generator(self.seed, "subset", training))
        return order[: self.size(self.share_of(training))]

    def mask(self, training: int) -> Bool[Tensor, " n"]:
        """Whether each sample is in the subset of one training."""
        mask = torch.zeros(self.samples, dtype=torch.bool)
        mask[self.of(training)] = True
        return mask

    def groups(self, trainings: int, most: int) -> Iterator[list[int]]:
        """The trainings that are carried out together: of one share and one order, at most so many.

        Shares take turns, so that whatever has been trained so far has seen all of them.
        """
        shares = len(self.shares)
        for block in range(0, trainings, BLOCK * shares):
            for first in range(block, block + shares):
                numbers = range(first, min(block + BLOCK * shares, trainings), shares)
                if numbers:
                    parts = -(-len(numbers) // most)  # of about one size
                    yield from (part.tolist() for part in np.array_split(numbers, parts))

    def order_seed(self, training: int, seed: int) -> tuple[int, str, int]:
        """What the order of places of a training follows from."""
        return (seed, "block", training // (BLOCK * len(self.shares)))
