"""Which training samples carry which test samples.

Feldman and Zhang 2020 (arXiv 2008.03703), section 2: the influence of training sample i on test
sample z is P(z answered correctly | i trained on) − P(z answered correctly | i not trained on).
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int64
from torch import Tensor

from nullfit.tasks.memorization.answers import Answers
from nullfit.tasks.memorization.scores import by_share

_BLOCK_VALUES = 2**24  # of influences at once
_MOST_PAIRS = 1_000_000
_ROUNDING = 1e-6  # of differences of rates in single precision


@dataclass(frozen=True)
class Influences:
    """Pairs of a training and a test sample, the largest influence (by size) first.

    ``left_out`` counts pairs that are as large, of which there were too many.
    """

    train: Int64[np.ndarray, " k"]
    test: Int64[np.ndarray, " k"]
    values: Float32[np.ndarray, " k"]
    left_out: int


def influences(answers: Answers, shares: int, least: float) -> Influences:
    """All pairs whose influence is at least so large, or -least at most.

    Several shares count alike. Samples that all or none of the trainings saw have none. No more
    than a block of the n × m pairs is held at once.
    """
    effects = [Effects(part) for part in by_share(answers, shares)]
    samples, tested = answers.subset.shape[1], answers.test_correct.shape[1]
    block, largest = max(1, _BLOCK_VALUES // tested), _Largest()
    for start in range(0, samples, block):
        chosen = slice(start, min(start + block, samples))
        found = torch.zeros(chosen.stop - start, tested)
        known = torch.zeros(chosen.stop - start, 1)
        for of in effects:
            found += of.block(chosen)
            known += of.known(chosen)
        found /= known.clamp_min(1)
        rows, columns = (found.abs() >= least - _ROUNDING).nonzero(as_tuple=True)
        largest.add(rows + start, columns, found[rows, columns])
    return largest.influences()


class _Largest:
    """The largest pairs so far, of which there may be too many to hold them all."""

    def __init__(self) -> None:
        self._parts: list[tuple[Tensor, Tensor, Tensor]] = []
        self._held = self._all = 0

    def add(self, train: Tensor, test: Tensor, values: Tensor) -> None:
        """Some pairs more."""
        self._parts.append((train, test, values))
        self._held += len(values)
        self._all += len(values)
        if self._held > 2 * _MOST_PAIRS:
            self._parts = [self._kept()]
            self._held = len(self._parts[0][2])

    def _kept(self) -> tuple[Tensor, Tensor, Tensor]:
        train, test, values = map(torch.cat, zip(*self._parts, strict=True))
        order = torch.argsort(values.abs(), descending=True, stable=True)[:_MOST_PAIRS]
        return train[order], test[order], values[order]

    def influences(self) -> Influences:
        """What was kept, the largest first."""
        train, test, values = self._kept()
        left_out = self._all - len(values)
        return Influences(train.numpy(), test.numpy(), values.numpy(), left_out)


class Effects:
    """The influences at one share, by blocks of training samples."""

    def __init__(self, answers: Answers) -> None:
        self._subset = torch.from_numpy(answers.subset)
        self._correct = torch.from_numpy(answers.test_correct).float()
        self._all = self._correct.sum(0)

    def block(self, chosen: slice) -> Float[Tensor, "k m"]:
        """The influences of some training samples on all test samples; 0 where unknown."""
        inside = self._subset[:, chosen].float()
        count_in = inside.sum(0).unsqueeze(1)
        count_out = len(inside) - count_in
        with_it = inside.T @ self._correct
        without = self._all - with_it
        found: Tensor = with_it.div_(count_in.clamp_min(1)).sub_(
            without.div_(count_out.clamp_min(1))
        )
        return found.mul_(self.known(chosen))

    def known(self, chosen: slice) -> Bool[Tensor, "k 1"]:
        """Of which training samples: those that some trainings saw, and others did not."""
        count_in = self._subset[:, chosen].sum(0).unsqueeze(1)
        return (count_in > 0) & (count_in < len(self._subset))
