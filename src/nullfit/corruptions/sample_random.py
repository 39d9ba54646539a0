"""Random numbers that belong to a sample: fixed by (key, index of the sample), not by the batch.

Philox is a function of a key and a counter (Salmon et al., *Parallel random numbers: as easy as
1, 2, 3*, SC 2011). Every sample owns a stretch of the counter, so the numbers of any range of
samples are drawn directly, in one go. The key is ``nullfit.seeds.derive(seed, purpose)``.

Everything is built from raw 64-bit words: NumPy promises that the words of a bit generator stay
the same from version to version, but not what its distributions make of them.
"""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64, UInt64
from torch import Tensor

_WORDS_PER_COUNT = 4


def words(
    key: int, first_index: int, samples: int, per_sample: int
) -> UInt64[np.ndarray, "{samples} {per_sample}"]:
    """Uniform 64-bit words, ``per_sample`` for each sample from ``first_index`` on."""
    counts = math.ceil(per_sample / _WORDS_PER_COUNT)
    stream = np.random.Philox(key=key, counter=first_index * counts)
    drawn = stream.random_raw(samples * counts * _WORDS_PER_COUNT)
    return drawn.reshape(samples, counts * _WORDS_PER_COUNT)[:, :per_sample]


def events(
    key: int, first_index: int, samples: int, probability: float
) -> Bool[Tensor, " {samples}"]:
    """True for each sample with ``probability``, exactly never at 0 and always at 1.

    The samples for which it is true at one probability stay true at every higher one.
    """
    uniform = (words(key, first_index, samples, 1)[:, 0] >> 11) * 2.0**-53
    return torch.from_numpy(uniform < probability)


def integers(key: int, first_index: int, samples: int, below: int) -> Int64[Tensor, " {samples}"]:
    """A uniform integer in ``range(below)`` for each sample."""
    high = words(key, first_index, samples, 1)[:, 0] >> 32
    return torch.from_numpy((high * np.uint64(below) >> 32).astype(np.int64))


def orders(
    key: int, first_index: int, samples: int, size: int
) -> Int64[Tensor, "{samples} {size}"]:
    """A uniformly random permutation of ``range(size)`` for each sample."""
    # Positions sorted by random words. With the position in the lowest bits no two words are
    # equal, so the outcome does not depend on the sorting algorithm.
    mask = np.uint64((1 << (size - 1).bit_length()) - 1)
    keys = words(key, first_index, samples, size) & ~mask | np.arange(size, dtype=np.uint64)
    keys.sort(axis=1)
    return torch.from_numpy((keys & mask).astype(np.int64))


def uniform(key: int, first_index: int, shape: torch.Size) -> Float32[Tensor, "..."]:
    """Uniform numbers in [0, 1), multiples of 2⁻²⁴, for ``shape[0]`` samples."""
    bits = _halves(key, first_index, shape).view(np.uint32) >> 8
    return torch.from_numpy(bits.view(np.int32)).to(torch.float32).mul_(2.0**-24).view(shape)


def normal(key: int, first_index: int, shape: torch.Size) -> Float32[Tensor, "..."]:
    """Standard normal numbers for ``shape[0]`` samples, by inverting the distribution function.

    Computed in float64: results on other processors agree to float32 rounding.
    """
    bits = torch.from_numpy(_halves(key, first_index, shape)).to(torch.float64)
    probability = bits.add_(0.5).mul_(2.0**-32).add_(0.5)  # in the open interval (0, 1)
    quantile: Tensor = torch.special.ndtri(probability)
    return quantile.to(torch.float32).view(shape)


def _halves(key: int, first_index: int, shape: torch.Size) -> np.ndarray:
    """32 random bits for each value, as int32, each sample starting with a new word."""
    samples, values = shape[0], shape[1:].numel()
    halves = words(key, first_index, samples, math.ceil(values / 2))
    return np.ascontiguousarray(halves).view(np.int32)[:, :values]
