"""Shuffled pixels."""

from functools import lru_cache

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.blockwise import blockwise
from nullfit.corruptions.corruption import Corrupted, Origin, changes
from nullfit.corruptions.pixel_order import reorder
from nullfit.corruptions.sample_random import order
from nullfit.seeds import derive


@changes("images")
def shuffled_pixels(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
) -> Corrupted:
    """Permute the pixels of all images by one random permutation, fixed by ``seed`` alone.

    It is the same for every image, channel and split, so what there is to learn stays learnable
    by a network that does not use which pixels are neighbours. Zhang et al., ICLR 2017,
    arXiv 1611.03530, section 2.
    """
    height, width = images.shape[2:]
    places = _order(derive(seed, "shuffled_pixels"), height * width)
    new_images = blockwise(images, lambda block: reorder(images[block], places))
    return Corrupted.compared(images, labels, new_images, labels)


@lru_cache(maxsize=2)  # streamed images come one by one
def _order(key: int, pixels: int) -> Int64[Tensor, "1 pixels"]:
    return order(key, pixels)[None]
