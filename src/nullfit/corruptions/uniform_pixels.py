"""Uniform noise images."""

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.blockwise import blockwise
from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.sample_random import uniform
from nullfit.seeds import derive


@changes("images")
def uniform_pixels(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
) -> Corrupted:
    """Replace each image by uniform noise on [0, 1), independent from value to value."""
    key = derive(seed, "uniform_pixels")
    own = numbers(origin, len(labels))
    new_images = blockwise(images, lambda block: uniform(key, own[block], images[block].shape))
    return Corrupted.compared(images, labels, new_images, labels)
