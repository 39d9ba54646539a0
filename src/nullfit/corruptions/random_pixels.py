"""Random pixels."""

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.blockwise import blockwise
from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.pixel_order import reorder
from nullfit.corruptions.sample_random import orders
from nullfit.seeds import derive


@changes("images")
def random_pixels(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
) -> Corrupted:
    """Permute the pixels of each image by a random permutation of its own.

    The channels of an image are permuted together: its colours stay, their places do not.
    Zhang et al., ICLR 2017, arXiv 1611.03530, section 2.
    """
    key = derive(seed, "random_pixels")
    own = numbers(origin, len(labels))
    height, width = images.shape[2:]

    def permuted(block: slice) -> Tensor:
        return reorder(images[block], orders(key, own[block], height * width))

    return Corrupted.compared(images, labels, blockwise(images, permuted), labels)
