"""Whitening: what `data.whitening` does to the images after the corruption.

Each kind is a `Whitening`: called, it returns whitened images; `apply_` overwrites its argument
with them. It works through the images in blocks, so it needs little memory besides.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Float64
from torch import Tensor

WhiteningKind = Literal["per_image", "per_image_channel", "per_channel", "fixed", "none"]

_BLOCK = 1024
_ROUNDING = 1e-6  # of a float32, relative to the values


class Whitening(ABC):
    """Standardizes images; fitted on the training images where it needs to be."""

    def __call__(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Whitened images; the argument is left alone."""
        return self.apply_(images.clone())

    @abstractmethod
    def apply_(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Overwrite ``images`` with their whitened values and return them."""

    @abstractmethod
    def divisors(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c 1 1"]:
        """What each channel of each image is divided by, so that a change of it is smaller."""


def fit_whitening(
    kind: WhiteningKind,
    train: Sequence["ChannelSums"],
    mean: Sequence[float] = (),
    std: Sequence[float] = (),
) -> Whitening:
    """The whitening for ``data.whitening=<kind>``, to be applied to every split alike.

    ``train`` are the sums of all training images, in any portions; only ``per_channel`` needs them.
    ``mean`` and ``std`` are those of ``fixed``, one for all channels or one for each.
    """
    if kind == "per_channel":
        return PerChannel.of(train)
    if kind == "fixed":
        return PerChannel(*(torch.tensor(each)[:, None, None] for each in (mean, std)))
    if kind == "per_image":
        return PerImage()
    return PerImageChannel() if kind == "per_image_channel" else NoWhitening()


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
        for block in torch.split(images, _BLOCK):
            divisor, mean = self._moments(block)
            block.sub_(mean).div_(divisor)
        return images

    def divisors(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c 1 1"]:
        """One for all channels of an image."""
        return self._moments(images)[0].expand(-1, images.shape[1], 1, 1)

    @staticmethod
    def _moments(images: Float[Tensor, "n c h w"]) -> tuple[Tensor, Tensor]:
        std, mean = torch.std_mean(images, dim=(1, 2, 3), correction=0, keepdim=True)
        return std.clamp_min_(images.shape[1:].numel() ** -0.5), mean


class PerImageChannel(Whitening):
    """Each channel of each image minus its mean, divided by its standard deviation (n − 1).

    As a mini-GoogLeNet notebook on Zhang et al. 2017 scales its images. Where a channel is uniform
    the notebook divides by zero; here it becomes zero.
    """

    def apply_(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Overwrite ``images`` with their whitened values and return them."""
        for block in torch.split(images, _BLOCK):
            divisor, mean, uniform = self._moments(block)
            block.sub_(mean).div_(divisor).masked_fill_(uniform, 0.0)
        return images

    def divisors(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c 1 1"]:
        """One for each channel, 1 where it is uniform."""
        return self._moments(images)[0]

    @staticmethod
    def _moments(images: Float[Tensor, "n c h w"]) -> tuple[Tensor, Tensor, Tensor]:
        correction = min(1, images.shape[2] * images.shape[3] - 1)
        std, mean = torch.std_mean(images, dim=(2, 3), correction=correction, keepdim=True)
        # Of equal values the deviation is a rounding error.
        uniform = ~(std > _ROUNDING * mean.abs())
        return std.masked_fill_(uniform, 1.0), mean, uniform


class ChannelSums(NamedTuple):
    """For each image and channel the sum of its values, and that of their squares."""

    sums: Float64[Tensor, "n c"]
    squares: Float64[Tensor, "n c"]
    pixels: int


def channel_sums(images: Float[Tensor, "n c h w"]) -> ChannelSums:
    """The sums that `PerChannel.of` is made of, in double precision."""
    values = images.double()
    # Row by row first: a sum over one long stretch would be divided among threads.
    sums, squares = values.sum(3).sum(2), values.square_().sum(3).sum(2)
    return ChannelSums(sums, squares, images.shape[2] * images.shape[3])


@dataclass(frozen=True)
class PerChannel(Whitening):
    """Each channel minus a mean, divided by a standard deviation: one for all channels, or each.

    They are those of the training set (a channel that is uniform over all of it is only centred),
    or fixed ones.
    """

    mean: Float[Tensor, "c 1 1"]
    std: Float[Tensor, "c 1 1"]

    @classmethod
    def of(cls, portions: Sequence[ChannelSums]) -> "PerChannel":
        """Mean and population standard deviation from the sums of all training images.

        Added up exactly, so that it does not matter how the images were divided into portions.
        """
        sums = torch.cat([each.sums for each in portions])
        squares = torch.cat([each.squares for each in portions])
        count = len(sums) * portions[0].pixels
        means = [math.fsum(channel) / count for channel in sums.T.tolist()]
        variances = [
            max(math.fsum(channel) / count - mean**2, 0.0)
            for channel, mean in zip(squares.T.tolist(), means, strict=True)
        ]
        std = torch.tensor(variances, dtype=torch.float64).sqrt_()
        std[std < torch.finfo(torch.float32).eps] = 1.0
        mean = torch.tensor(means, dtype=torch.float64)
        return cls(mean[:, None, None].float(), std[:, None, None].float())

    def apply_(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Overwrite ``images`` with their standardized values and return them."""
        return images.sub_(self.mean.to(images.device)).div_(self.std.to(images.device))

    def divisors(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c 1 1"]:
        """The same for all images."""
        return self.std.to(images).expand(*images.shape[:2], 1, 1)


class NoWhitening(Whitening):
    """Images as they are."""

    def apply_(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The images themselves."""
        return images

    def divisors(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c 1 1"]:
        """1."""
        return images.new_ones(*images.shape[:2], 1, 1)
