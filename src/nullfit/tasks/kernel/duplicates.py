"""Samples that occur twice: with them a kernel matrix is singular."""

import hashlib
from typing import NamedTuple

from jaxtyping import Float32
from torch import Tensor


class Duplicates(NamedTuple):
    """How many samples repeat an earlier one, and the first such pair."""

    samples: int
    first: int
    again: int


def duplicates(images: Float32[Tensor, "n c h w"]) -> Duplicates | None:
    """Images that are equal to the bit to an earlier one; None if all differ."""
    seen: dict[bytes, int] = {}
    pairs = []
    for number, image in enumerate(images.contiguous().cpu().numpy()):
        earlier = seen.setdefault(hashlib.blake2b(image.data, digest_size=16).digest(), number)
        if earlier != number:
            pairs.append((earlier, number))
    return Duplicates(len(pairs), *pairs[0]) if pairs else None
