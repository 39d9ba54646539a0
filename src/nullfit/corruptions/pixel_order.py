"""Put the pixels of images in another order."""

from jaxtyping import Float32, Int64
from torch import Tensor


def reorder(
    images: Float32[Tensor, "n c h w"], order: Int64[Tensor, "#n pixels"]
) -> Float32[Tensor, "n c h w"]:
    """New pixel p of each channel is old pixel ``order[p]``, pixels counted row by row.

    ``order`` has one row for all images, or one for each.
    """
    index = order.to(images.device)[:, None, :].expand(len(images), images.shape[1], -1)
    return images.flatten(2).gather(2, index).view(images.shape)
