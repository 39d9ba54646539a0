"""What an input shape means for a network: how large the maps become, and what is too small."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from nullfit.errors import UserError


def as_words(input_shape: tuple[int, int, int]) -> str:
    """``height×width×channels``, the way the literature writes image sizes."""
    channels, height, width = input_shape
    return f"{height}×{width}×{channels}"


def require_size(name: str, input_shape: tuple[int, int, int], smallest: int) -> None:
    """Refuse images smaller than ``smallest`` pixels in height or width.

    Raises:
        UserError: the images are too small for model ``name``.
    """
    if min(input_shape[1:]) < smallest:
        raise UserError(
            f"model {name} needs images of at least {smallest}×{smallest} pixels, these are "
            f"{as_words(input_shape)}; choose larger images or another model."
        )


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards every part is in the mode that it was in."""
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes.items():
            module.training = training


def output_shape(network: nn.Module, input_shape: tuple[int, int, int]) -> tuple[int, ...]:
    """Shape of what ``network`` makes of one image, without the batch dimension.

    Found by trying it on a zero image in evaluation mode; running statistics stay as they are.

    Raises:
        RuntimeError, ValueError: whatever the network raises if it cannot take the image.
    """
    with evaluating(network):
        output: torch.Tensor = network(torch.zeros(1, *input_shape))
    return tuple(output.shape[1:])
