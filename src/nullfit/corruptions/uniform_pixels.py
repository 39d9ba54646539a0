"""Uniform noise images."""

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.blockwise import blockwise
from nullfit.corruptions.corruption import Corrupted, Origin
from nullfit.corruptions.sample_random import uniform
from nullfit.seeds import derive


def uniform_pixels(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
) -> Corrupted:
    """Replace each image by uniform noise on [0, 1), independent from value to value."""
    key = derive(seed, "uniform_pixels")
    first_index = origin.first_index if origin else 0
    new_images = blockwise(
        images, lambda block: uniform(key, first_index + block.start, images[block].shape)
    )
    return Corrupted.compared(images, labels, new_images, labels)
