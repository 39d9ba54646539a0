"""One look at all training images: how many the corruption changed, and what whitening needs."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float32
from torch import Tensor

from nullfit.console.progress import track
from nullfit.data.preprocessing import Preprocessing
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.data.whitening import ChannelSums, Whitening, channel_sums, fit_whitening


@dataclass(frozen=True)
class Survey:
    """The share of images that the corruption changed, and the whitening fitted after it."""

    images_changed: float
    whitening: Whitening


def survey(
    images: LazyImages,
    preprocessing: Preprocessing,
    corrupted: Float32[Tensor, "n c h w"] | None = None,
) -> Survey:
    """Read the training images once, in portions, if anything depends on it.

    ``images`` are not whitened yet; ``corrupted`` are all of them, where they are in memory.
    """
    seen = []
    kind = preprocessing.whitening
    if images.steps or kind == "per_channel":
        portions = images.portions()
        look = _Look(images, corrupted, kind == "per_channel")
        seen = list(track(images.over(look, portions), len(portions), "Looking at all images"))
    changed = torch.cat([each for each, _ in seen]) if seen else torch.zeros(1)
    known = [sums for _, sums in seen if sums is not None]
    whitening = fit_whitening(kind, known, preprocessing.mean, preprocessing.std)
    return Survey(float(changed.double().mean()), whitening)


@dataclass(frozen=True)
class _Look:
    """Looks at a portion: which images changed, and the sums over them."""

    images: LazyImages
    corrupted: Tensor | None
    channels: bool

    def __call__(self, chosen: Tensor) -> tuple[Bool[Tensor, " m"], ChannelSums | None]:
        clean = self.images.clean(chosen)
        if self.corrupted is None:
            after = self.images.corrupted(clean, chosen)
        else:
            after = self.corrupted[chosen]
        changed = (after != clean).flatten(1).any(1)
        return changed, channel_sums(after) if self.channels else None
