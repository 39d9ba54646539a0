"""Gaussian images."""

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.blockwise import blockwise
from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.sample_random import normal
from nullfit.seeds import derive


@changes("images", needs_moments=True)
def gaussian(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
) -> Corrupted:
    """Replace each image by Gaussian noise, independent from pixel to pixel and channel to channel.

    Its mean and variance are those of all pixels of the original training images (of those that
    are trained on; what is drawn for an image does not depend on them). It is never clipped, so
    values lie outside [0, 1]. Zhang et al., ICLR 2017, arXiv 1611.03530, section 2.
    """
    origin = origin or Origin.of(images, labels)
    key = derive(seed, "gaussian")
    mean, std = origin.moments
    own = numbers(origin, len(labels))

    def noise(block: slice) -> Tensor:
        drawn = normal(key, own[block], images[block].shape)
        return drawn.mul_(std).add_(mean)

    return Corrupted.compared(images, labels, blockwise(images, noise), labels)
