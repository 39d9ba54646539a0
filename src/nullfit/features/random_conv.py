"""``features=random_conv``: responses to random patches of the training images, pooled."""

from dataclasses import dataclass

import torch
from jaxtyping import Float32, Float64
from torch import Tensor
from torch.nn import functional

from nullfit.errors import UserError
from nullfit.features.features import Features
from nullfit.seeds import generator

# Coates & Ng 2011, "The importance of encoding versus training with sparse coding and vector
# quantization" (ICML), and their later notes: patches are set to mean 0 and variance 1 with 10 (of
# 255²) added to the variance, then whitened with 0.1 added to the eigenvalues.
_CONTRAST = 10 / 255**2
_WHITENING = 0.1
_SAMPLES = 50_000  # patches that the whitening is measured on
_PART = 256  # filters computed at once
_BLOCK = 16  # images at once: their responses stay in the cache
_SMALLEST_NORM = 1e-6
_RESPONSE = 100.0  # multiplications that take as long as to scale, rectify and pool a response


@dataclass(frozen=True)
class RandomConv(Features):
    """Contrast-normalized, whitened patches against filters, rectified on both sides, pooled.

    A response z becomes max(0, z − t) and max(0, −z − t) for the threshold t; each is averaged over
    ``pool`` × ``pool`` parts of the image. The vector has 2 × filters × pool² numbers.
    """

    filters: Float32[Tensor, "f c patch patch"]  # whitening and centring are folded into them
    threshold: float
    pool: int
    places: int  # of a patch in an image

    @property
    def parts(self) -> int:  # type: ignore[override]
        """How many groups of filters there are; all have the same size."""
        return len(self.filters) // self._filters_per_part

    @property
    def width(self) -> int:
        """2 × filters of a part × pool²."""
        return 2 * self._filters_per_part * self.pool**2

    @property
    def work(self) -> float:
        """A patch against a filter, and what follows of a response, for each place and filter."""
        return float(len(self.filters)) * self.places * (self.filters[0].numel() + _RESPONSE)

    @property
    def _filters_per_part(self) -> int:
        count = len(self.filters)
        return next(size for size in range(min(_PART, count), 0, -1) if count % size == 0)

    @classmethod
    def make(
        cls,
        images: Float32[Tensor, "n c h w"],
        seed: int,
        *,
        filters: int,
        patch: int,
        threshold: float,
        pool: int,
    ) -> "RandomConv":
        """Filters that are random patches of ``images``; which ones follows from ``seed``.

        Raises:
            UserError: the images are smaller than a patch, or too small for the pooling.
        """
        height, width = images.shape[-2:]
        down, across = height - patch + 1, width - patch + 1
        if min(down, across) < max(pool, 1):
            raise UserError(
                f"random_conv with patch={patch} and pool={pool} does not fit into images of "
                f"{height}×{width} pixels: a patch and {pool} places beside each other are needed."
            )
        sampled = _normalized(_patches(images, _SAMPLES, patch, seed, "whitening"))
        whitening = _whitening(sampled)
        chosen = _normalized(_patches(images, filters, patch, seed, "filters")) @ whitening
        chosen /= chosen.norm(dim=1, keepdim=True).clamp_min(_SMALLEST_NORM)
        folded = chosen @ whitening
        folded -= folded.mean(1, keepdim=True)  # the same as taking the patch's mean off
        shaped = folded.float().unflatten(1, (images.shape[1], patch, patch))
        return cls(shaped, threshold, pool, down * across)

    def of_block(self, images: Float32[Tensor, "n c h w"], part: int) -> Float32[Tensor, "n d"]:
        """The responses to one group of filters, rectified and pooled."""
        size = self._filters_per_part
        filters = self.filters[part * size : (part + 1) * size].to(images.device)
        return torch.cat([self._pooled(block, filters) for block in images.split(_BLOCK)])

    def _pooled(
        self, images: Float32[Tensor, "n c h w"], filters: Float32[Tensor, "f c patch patch"]
    ) -> Float32[Tensor, "n d"]:
        patch = filters.shape[-1]
        mean = functional.avg_pool2d(images.mean(1, keepdim=True), patch, stride=1)
        square = images.square().mean(1, keepdim=True)
        variance = functional.avg_pool2d(square, patch, stride=1) - mean.square()
        scale = variance.clamp_min_(0).add_(_CONTRAST).rsqrt_()
        responses = functional.conv2d(images, filters).mul_(scale)
        sides = (responses, -responses)
        pooled = [
            functional.adaptive_avg_pool2d(side.sub_(self.threshold).relu_(), self.pool)
            for side in sides[::-1]  # the copy first: the original is overwritten
        ]
        return torch.cat(pooled[::-1], 1).flatten(1)


def _patches(
    images: Float32[Tensor, "n c h w"], count: int, patch: int, seed: int, purpose: str
) -> Float64[Tensor, "count d"]:
    """Squares at random places of random images."""
    random = generator(seed, "random_conv", purpose)
    height, width = images.shape[-2:]
    which = torch.randint(len(images), (count,), generator=random)
    tops = torch.randint(height - patch + 1, (count,), generator=random)
    lefts = torch.randint(width - patch + 1, (count,), generator=random)
    steps = torch.arange(patch)
    rows = (tops[:, None] + steps)[:, :, None]
    columns = (lefts[:, None] + steps)[:, None, :]
    # Indices on both sides of the slice put the channels last.
    squares = images[which[:, None, None], :, rows, columns]
    return squares.permute(0, 3, 1, 2).flatten(1).double()


def _normalized(patches: Float64[Tensor, "n d"]) -> Float64[Tensor, "n d"]:
    variance, mean = torch.var_mean(patches, dim=1, correction=0, keepdim=True)
    return (patches - mean) / (variance + _CONTRAST).sqrt()


def _whitening(patches: Float64[Tensor, "n d"]) -> Float64[Tensor, "d d"]:
    """Symmetric (ZCA) whitening."""
    values, vectors = torch.linalg.eigh(torch.cov(patches.T))
    whitening: Tensor = (vectors * (values.clamp_min(0) + _WHITENING).rsqrt()) @ vectors.T
    return whitening
