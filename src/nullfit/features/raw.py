"""``features=raw``: the pixels themselves."""

from dataclasses import dataclass

import torch
from jaxtyping import Float32
from torch import Tensor

from nullfit.features.features import Features, Tick, silent


@dataclass(frozen=True)
class Raw(Features):
    """The images as vectors, in the scale that they have: pixels / 255 without whitening."""

    pixels: int

    @property
    def width(self) -> int:
        """Channels × height × width."""
        return self.pixels

    @property
    def work(self) -> float:
        """None: the numbers are there."""
        return 0.0

    def of_block(self, images: Float32[Tensor, "n c h w"], part: int) -> Float32[Tensor, "n d"]:
        """The images, flattened."""
        return images.flatten(1)

    def whole(
        self, images: Float32[Tensor, "n c h w"], device: torch.device, tick: Tick = silent
    ) -> Float32[Tensor, "n d"]:
        """The images, flattened; on their own device no copy is made."""
        tick(float(len(images)))
        return images.flatten(1).to(device)
