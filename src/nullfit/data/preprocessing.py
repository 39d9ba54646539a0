"""What is done to images around their corruption."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from nullfit.data.crop import center_crop
from nullfit.data.whitening import Whitening


@dataclass(frozen=True)
class Preprocessing:
    """What is done to images before (crop) and after (whitening) they are corrupted.

    ``while_training`` leaves both to the batches, for random crops and augmentation.
    """

    crop: int | None = None
    whitening: Literal["per_image", "per_channel", "none"] = "per_image"
    while_training: bool = False


@dataclass(frozen=True)
class Prepare:
    """Crops and whitens a batch that was left as it came."""

    crop: int | None
    whitening: Whitening

    def __call__(self, images: Tensor) -> Tensor:
        """The images as a network gets them."""
        return self.whitening(images if self.crop is None else center_crop(images, self.crop))
