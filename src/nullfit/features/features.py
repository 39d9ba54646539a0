"""What features are: fixed functions of an image, computed in parts so that memory holds."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from jaxtyping import Float32
from torch import Tensor

Tick = Callable[[float], None]  # counts what was done since it was last called
_BLOCK = 500  # images


def silent(done: float) -> None:
    """A `Tick` that counts nothing."""


class Features(ABC):
    """Maps images to vectors; what one image becomes does not depend on the others.

    The vector comes in ``parts`` of ``width`` numbers each, for those who cannot hold all of it
    for all images.
    """

    parts: int = 1

    @property
    @abstractmethod
    def width(self) -> int:
        """Numbers in a part."""

    @property
    def dimensions(self) -> int:
        """Numbers in the whole vector."""
        return self.parts * self.width

    @property
    @abstractmethod
    def work(self) -> float:
        """Multiplications that the whole vector of an image takes, about."""

    @abstractmethod
    def of_block(self, images: Float32[Tensor, "n c h w"], part: int) -> Float32[Tensor, "n d"]:
        """One part of the features of a few images, on their device."""

    def part(
        self,
        images: Float32[Tensor, "n c h w"],
        part: int,
        device: torch.device,
        tick: Tick = silent,
    ) -> Float32[Tensor, "n d"]:
        """One part of the features of many images; ``tick`` counts images as they are done."""
        out = torch.empty(len(images), self.width, device=device)
        for start in range(0, len(images), _BLOCK):
            block = images[start : start + _BLOCK].to(device)
            out[start : start + len(block)] = self.of_block(block, part)
            tick(float(len(block)))
        return out

    def whole(
        self, images: Float32[Tensor, "n c h w"], device: torch.device, tick: Tick = silent
    ) -> Float32[Tensor, "n d"]:
        """The whole vectors of many images; ``tick`` counts images, a share for each part."""
        if self.parts == 1:
            return self.part(images, 0, device, tick)
        out = torch.empty(len(images), self.dimensions, device=device)
        for part, columns in enumerate(out.split(self.width, dim=1)):
            columns.copy_(self.part(images, part, device, lambda n: tick(n / self.parts)))
        return out
