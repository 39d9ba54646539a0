"""Shuffled patches."""

import math
from functools import lru_cache

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.blockwise import blockwise
from nullfit.corruptions.corruption import Corrupted, Origin, changes
from nullfit.corruptions.pixel_order import reorder
from nullfit.corruptions.sample_random import order
from nullfit.errors import UserError
from nullfit.ranges import PositiveInt
from nullfit.seeds import derive


@changes("images")
def shuffled_patches(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    patch: PositiveInt = 4,
) -> Corrupted:
    """Cut the images into squares of ``patch`` pixels a side and permute the squares.

    One random permutation, fixed by ``seed`` alone, is used for all images, channels and splits.
    What lies inside a square keeps its order.

    Raises:
        UserError: ``patch`` does not divide height and width.
    """
    height, width = images.shape[2:]
    check_patch(patch, height, width)
    places = _order(derive(seed, "shuffled_patches"), patch, height, width)
    new_images = blockwise(images, lambda block: reorder(images[block], places))
    return Corrupted.compared(images, labels, new_images, labels)


@lru_cache(maxsize=2)  # streamed images come one by one
def _order(key: int, patch: int, height: int, width: int) -> Int64[Tensor, "1 pixels"]:
    squares = order(key, height * width // patch**2)
    return _pixel_order(squares, patch, height, width)[None]


def check_patch(patch: int, height: int, width: int) -> None:
    """Raise UserError unless images can be cut into squares of ``patch`` pixels a side."""
    side = math.gcd(height, width)
    allowed = [divisor for divisor in range(1, side + 1) if side % divisor == 0]
    if patch not in allowed:
        raise UserError(
            f"corruption.patch={patch} does not divide images of {height}×{width} pixels; "
            f"allowed: {', '.join(map(str, allowed))}."
        )


def _pixel_order(
    squares: Int64[Tensor, " squares"], patch: int, height: int, width: int
) -> Int64[Tensor, " pixels"]:
    """Which old pixel each new pixel shows, if square s shows old square ``squares[s]``."""
    rows, columns = height // patch, width // patch
    grid = torch.arange(height * width).view(rows, patch, columns, patch).transpose(1, 2)
    moved = grid.reshape(-1, patch, patch)[squares].view(rows, columns, patch, patch)
    return moved.transpose(1, 2).reshape(-1)
