"""Whitening: what `data.whitening` does to the images after the corruption.

Each kind is a `Whitening`: called, it returns whitened images; `apply_` overwrites its argument
with them. It works through the images in blocks, so it needs little memory besides.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

WhiteningKind = Literal["per_image", "per_channel", "none"]

_BLOCK = 1024


class Whitening(ABC):
    """Standardizes images; fitted on the training images where it needs to be."""

    def __call__(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Whitened images; the argument is left alone."""
        return self.apply_(images.clone())

    @abstractmethod
    def apply_(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Overwrite ``images`` with their whitened values and return them."""


def fit_whitening(kind: WhiteningKind, train_images: Float[Tensor, "n c h w"]) -> Whitening:
    """The whitening for ``data.whitening=<kind>``, to be applied to every split alike."""
    if kind == "per_channel":
        return PerChannel.fit(train_images)
    return PerImage() if kind == "per_image" else NoWhitening()


def whiten(images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """Each image minus its mean, divided by its standard deviation.

    One mean and one population standard deviation per image, over all its N = c·h·w values. The
    divisor is at least 1/sqrt(N), so a uniform image becomes zero instead of infinite. This is
    the per-image whitening of Zhang et al. 2017 (appendix A), by the formula of TensorFlow's
    `per_image_standardization`.
    """
    return PerImage()(images)


class PerImage(Whitening):
    """`whiten` as a `Whitening`; there is nothing to fit."""

    def apply_(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Overwrite ``images`` with their whitened values and return them."""
        least = images.shape[1:].numel() ** -0.5
        for block in torch.split(images, _BLOCK):
            std, mean = torch.std_mean(block, dim=(1, 2, 3), correction=0, keepdim=True)
            block.sub_(mean).div_(std.clamp_min_(least))
        return images


@dataclass(frozen=True)
class PerChannel(Whitening):
    """Each channel minus its mean over the training set, divided by its standard deviation there.

    A channel that is uniform over the whole training set is only centred.
    """

    mean: Float[Tensor, "c 1 1"]
    std: Float[Tensor, "c 1 1"]

    @classmethod
    def fit(cls, images: Float[Tensor, "n c h w"]) -> "PerChannel":
        """Measure mean and population standard deviation, summing in double precision."""
        count = images.numel() // images.shape[1]
        blocks = torch.split(images, _BLOCK)
        sums = [block.sum(dim=(0, 2, 3), dtype=torch.float64) for block in blocks]
        mean = (torch.stack(sums).sum(0) / count)[:, None, None]
        squares = [block.double().sub_(mean).square_().sum(dim=(0, 2, 3)) for block in blocks]
        std = (torch.stack(squares).sum(0) / count).sqrt_()[:, None, None]
        std[std < torch.finfo(torch.float32).eps] = 1.0
        return cls(mean.float(), std.float())

    def apply_(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Overwrite ``images`` with their standardized values and return them."""
        return images.sub_(self.mean.to(images.device)).div_(self.std.to(images.device))


class NoWhitening(Whitening):
    """Images as they are."""

    def apply_(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The images themselves."""
        return images
