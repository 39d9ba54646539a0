"""Work through a set of images in blocks, so that memory peaks at the result plus one block."""

from collections.abc import Callable

import torch
from torch import Tensor

from nullfit.errors import UserError

VALUES_PER_BLOCK = 2**20


def sample_blocks(images: Tensor) -> list[slice]:
    """Consecutive slices of samples, about a million values (4 MiB of float32) each."""
    samples = len(images)
    step = max(1, VALUES_PER_BLOCK // max(1, images[:1].numel()))
    return [slice(start, min(start + step, samples)) for start in range(0, samples, step)]


def blockwise(images: Tensor, new_block: Callable[[slice], Tensor]) -> Tensor:
    """New images of the same shape and device, made block by block.

    Raises:
        UserError: the images are not float32 with four dimensions.
    """
    if images.dtype != torch.float32 or images.ndim != 4:
        raise UserError(
            f"corruption: images are {images.dtype} of shape {tuple(images.shape)}; allowed is "
            "float32 in [0, 1] of shape (n, channels, height, width): ImageSet.unit_images()."
        )
    new = torch.empty_like(images, memory_format=torch.contiguous_format)
    for block in sample_blocks(images):
        new[block] = new_block(block)
    return new
