"""Random crops, flips and rotations of whole batches, for training.

Every image gets its own draw. Draws come from the CPU generator that the caller gives, wherever
the images are, so they depend on the seed and not on the device.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn import functional

from nullfit.errors import UserError

# A batch of images and the generator that it draws from.
Augment = Callable[[Tensor, Generator], Tensor]


def random_crop(
    images: Float[Tensor, "n c h w"], size: int, generator: Generator, padding: int = 0
) -> Float[Tensor, "n c {size} {size}"]:
    """A ``size``×``size`` square from a uniformly drawn place in each image.

    ``padding`` adds that many zero pixels on each side first.

    Raises:
        UserError: the padded images are smaller than ``size``.
    """
    if padding:
        images = functional.pad(images, (padding, padding, padding, padding))
    count, _, height, width = images.shape
    if not 1 <= size <= min(height, width):
        raise UserError(
            f"A random crop of {size} does not fit into images of {height}×{width} pixels "
            f"(padding of {padding} included). Choose 1 to {min(height, width)}, or more padding."
        )
    top = torch.randint(height - size + 1, (count,), generator=generator).to(images.device)
    left = torch.randint(width - size + 1, (count,), generator=generator).to(images.device)
    windows = images.unfold(2, size, 1).unfold(3, size, 1)  # a view: every window of every image
    return windows[torch.arange(count, device=images.device), :, top, left]


def flip_and_rotate(
    images: Float[Tensor, "n c h w"],
    degrees: float,
    flip_probability: float,
    generator: Generator,
) -> Float[Tensor, "n c h w"]:
    """Mirror each image with ``flip_probability``, then turn it by up to ``degrees`` either way.

    The angle is uniform in ±``degrees``, about the centre; pixels are interpolated bilinearly, and
    what comes from outside the image is zero. With ``degrees=0`` no pixel is interpolated.
    """
    count, _, height, width = images.shape
    flipped = torch.rand(count, generator=generator) < flip_probability
    angles = (torch.rand(count, generator=generator) * 2 - 1) * math.radians(degrees)
    mirrored = torch.where(flipped.view(-1, 1, 1, 1).to(images.device), images.flip(3), images)
    if degrees == 0:
        return mirrored
    sine, cosine, zero = angles.sin(), angles.cos(), torch.zeros(count)
    # The grid's coordinates run from -1 to 1 along both sides: the ratio keeps the turn rigid.
    rows = [cosine, -sine * (height / width), zero, sine * (width / height), cosine, zero]
    turns = torch.stack(rows, dim=1).view(count, 2, 3).to(images)
    grid = functional.affine_grid(turns, list(images.shape), align_corners=False)
    return functional.grid_sample(
        mirrored, grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )
