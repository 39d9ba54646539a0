"""What is done to images around their corruption."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from nullfit.data.crop import center_crop
from nullfit.data.separation import ImageStep
from nullfit.data.whitening import Whitening, WhiteningKind


@dataclass(frozen=True)
class Preprocessing:
    """What is done to images before (crop) and after (whitening) they are corrupted.

    ``while_training`` leaves all of it to the batches that are trained on, for random crops and
    augmentation: these come before the corruption, as the crop does. ``mean`` and ``std`` are those
    of ``whitening="fixed"``, one for all channels or one for each.
    """

    crop: int | None = None
    whitening: WhiteningKind = "per_image"
    while_training: bool = False
    mean: Sequence[float] = ()
    std: Sequence[float] = ()


@dataclass(frozen=True)
class Prepare:
    """Crops, corrupts and whitens a batch that was left as it came."""

    crop: int | None
    steps: Sequence[ImageStep]
    whitening: Whitening

    def __call__(
        self, images: Float[Tensor, "m c h w"], chosen: Int64[Tensor, " m"] | slice
    ) -> Float[Tensor, "m c _h _w"]:
        """The images as a network gets them; ``chosen`` says which samples of the split they are.

        What a corruption does to a sample is the same in every epoch, whatever crop it meets.
        """
        cropped = images if self.crop is None else center_crop(images, self.crop)
        return self.whitening(self._corrupted(cropped, chosen) if self.steps else cropped)

    def of(self, samples: Int64[Tensor, " m"] | Bool[Tensor, " n"]) -> "Prepare":
        """The same for a part of the split."""
        return replace(self, steps=[step.part(samples) for step in self.steps])

    def _corrupted(self, images: Tensor, chosen: Tensor | slice) -> Tensor:
        # Where and as all images are corrupted that are not left to the batches.
        corrupted = images.to("cpu", torch.float32)
        for step in self.steps:
            corrupted = step(corrupted, chosen)
        return corrupted.to(images)
