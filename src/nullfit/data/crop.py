"""Centre crop: the part of each image that a network sees."""

from jaxtyping import Float, UInt8
from torch import Tensor

from nullfit.errors import UserError


def center_crop(
    images: UInt8[Tensor, "n c h w"] | Float[Tensor, "n c h w"], size: int
) -> UInt8[Tensor, "n c {size} {size}"] | Float[Tensor, "n c {size} {size}"]:
    """The central ``size``×``size`` square of each image (Zhang et al. 2017, appendix A: 28 of 32).

    Where the margin is odd, its larger half is at the bottom and on the right. No copy is made
    where the images have that size already.

    Raises:
        UserError: the images are smaller than ``size``.
    """
    height, width = images.shape[-2:]
    if not 1 <= size <= min(height, width):
        raise UserError(
            f"data.crop={size} does not fit into images of {height}×{width} pixels. "
            f"Choose 1 to {min(height, width)}, or data.crop=null for the whole image."
        )
    top, left = (height - size) // 2, (width - size) // 2
    return images[..., top : top + size, left : left + size].contiguous()
