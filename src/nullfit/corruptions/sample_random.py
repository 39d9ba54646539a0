"""Random numbers that belong to a sample: fixed by (key, index of the sample), not by the batch.

Philox is a function of a key and a counter (Salmon et al., *Parallel random numbers: as easy as
1, 2, 3*, SC 2011). Every sample owns a stretch of the counter, so what belongs to any samples is
drawn directly, and that of consecutive ones in one go. The key is
``nullfit.seeds.derive(seed, purpose)``; ``numbers`` are those of the samples, from 0.

Everything is built from raw 64-bit words: NumPy promises that the words of a bit generator stay
the same from version to version, but not what its distributions make of them.
"""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Bool, Float32, Float64, Int64, UInt64
from torch import Tensor

_WORDS_PER_COUNT = 4


def words(
    key: int, numbers: Int64[Tensor, " n"], per_sample: int
) -> UInt64[np.ndarray, "n {per_sample}"]:
    """Uniform 64-bit words, ``per_sample`` for each sample."""
    counts = math.ceil(per_sample / _WORDS_PER_COUNT)
    drawn = np.empty((len(numbers), counts * _WORDS_PER_COUNT), np.uint64)
    stream, reached = np.random.Philox(key=key, counter=0), 0
    for start, stop in _runs(numbers):
        first = int(numbers[start])
        stream.advance(first * counts - reached)  # back as well as forth, and quicker than anew
        drawn[start:stop] = stream.random_raw(drawn[start:stop].size).reshape(stop - start, -1)
        reached = (first + stop - start) * counts
    return drawn[:, :per_sample]


def _runs(numbers: Int64[Tensor, " n"]) -> Iterator[tuple[int, int]]:
    """Where consecutive numbers start and stop."""
    breaks = (numbers.diff() != 1).nonzero().flatten() + 1
    return pairwise([0, *breaks.tolist(), len(numbers)] if len(numbers) else [])


def events(key: int, numbers: Int64[Tensor, " n"], probability: float) -> Bool[Tensor, " n"]:
    """True for each sample with ``probability``, exactly never at 0 and always at 1.

    The samples for which it is true at one probability stay true at every higher one.
    """
    return torch.from_numpy(fractions(key, numbers) < probability)


def fractions(key: int, numbers: Int64[Tensor, " n"]) -> Float64[np.ndarray, " n"]:
    """A uniform number in [0, 1) for each sample, a multiple of 2⁻⁵³."""
    uniform: np.ndarray = (words(key, numbers, 1)[:, 0] >> 11) * 2.0**-53
    return uniform


def integers(key: int, numbers: Int64[Tensor, " n"], below: int) -> Int64[Tensor, " n"]:
    """A uniform integer in ``range(below)`` for each sample."""
    high = words(key, numbers, 1)[:, 0] >> 32
    return torch.from_numpy((high * np.uint64(below) >> 32).astype(np.int64))


def orders(key: int, numbers: Int64[Tensor, " n"], size: int) -> Int64[Tensor, "n {size}"]:
    """A uniformly random permutation of ``range(size)`` for each sample."""
    # Positions sorted by random words. With the position in the lowest bits no two words are
    # equal, so the outcome does not depend on the sorting algorithm.
    mask = np.uint64((1 << (size - 1).bit_length()) - 1)
    keys = words(key, numbers, size) & ~mask | np.arange(size, dtype=np.uint64)
    keys.sort(axis=1)
    return torch.from_numpy((keys & mask).astype(np.int64))


def order(key: int, size: int) -> Int64[Tensor, " {size}"]:
    """A uniformly random permutation of ``range(size)`` that belongs to no sample but to all."""
    return orders(key, torch.zeros(1, dtype=torch.int64), size)[0]


def uniform(key: int, numbers: Int64[Tensor, " n"], shape: torch.Size) -> Float32[Tensor, "n ..."]:
    """Uniform numbers in [0, 1), multiples of 2⁻²⁴; ``shape`` begins with the samples."""
    bits = _halves(key, numbers, shape).view(np.uint32) >> 8
    return torch.from_numpy(bits.view(np.int32)).to(torch.float32).mul_(2.0**-24).view(shape)


def normal(key: int, numbers: Int64[Tensor, " n"], shape: torch.Size) -> Float32[Tensor, "n ..."]:
    """Standard normal numbers, by inverting the distribution function; ``shape`` as in `uniform`.

    Computed in float64: results on other processors agree to float32 rounding.
    """
    bits = torch.from_numpy(_halves(key, numbers, shape)).to(torch.float64)
    probability = bits.add_(0.5).mul_(2.0**-32).add_(0.5)  # in the open interval (0, 1)
    quantile: Tensor = torch.special.ndtri(probability)
    return quantile.to(torch.float32).view(shape)


def _halves(key: int, numbers: Tensor, shape: torch.Size) -> np.ndarray:
    """32 random bits for each value, as int32, each sample starting with a new word."""
    values = shape[1:].numel()
    halves = words(key, numbers, math.ceil(values / 2))
    return np.ascontiguousarray(halves).view(np.int32)[:, :values]
