"""Random labels for some of the samples, as often as one likes."""

from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from nullfit.seeds import generator


@dataclass(frozen=True)
class Draws:
    """Of a pool of samples each draw has its own order, and a uniform label for each.

    The first n of a draw are among its first n + 1, with the same labels: what fits these fits
    those. All follows from (seed, draw) alone.
    """

    pool: int
    classes: int
    seed: int

    def samples(self, draw: int, count: int) -> Int64[Tensor, " count"]:
        """Which of the pool are the first ``count``."""
        return torch.randperm(self.pool, generator=self._generator("samples", draw))[:count]

    def labels(self, draw: int, count: int) -> Int64[Tensor, " count"]:
        """Their labels."""
        drawn = torch.randint(self.classes, (self.pool,), generator=self._generator("labels", draw))
        return drawn[:count]

    def _generator(self, purpose: str, draw: int) -> torch.Generator:
        return generator(self.seed, "capacity", purpose, draw)
