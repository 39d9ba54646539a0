"""The features of images: pixels, or patches of them, with all their channels."""

import torch

from nullfit.errors import UserError
from nullfit.tasks.permutation.problem import Feature


def image_features(input_shape: tuple[int, int, int], patch: int) -> tuple[Feature, ...]:
    """Squares of ``patch``×``patch`` pixels, row by row; ``patch`` 1 makes each pixel a feature.

    A feature has all channels of its pixels. Where the side is no multiple of ``patch``, the last
    patches of a row or column are smaller. Names tell the top left pixel, as (row, column).

    Raises:
        UserError: ``patch`` is larger than the image.
    """
    channels, height, width = input_shape
    if patch > min(height, width):
        raise UserError(
            f"permutation_test.patch={patch} is larger than the images ({height}×{width}); "
            f"allowed are 1 to {min(height, width)}."
        )
    positions = torch.arange(channels * height * width).reshape(input_shape)
    name = "pixel" if patch == 1 else "patch"
    return tuple(
        Feature(
            f"{name} ({top}, {left})",
            positions[:, top : top + patch, left : left + patch].flatten(),
        )
        for top in range(0, height, patch)
        for left in range(0, width, patch)
    )
