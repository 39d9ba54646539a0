"""What a data source gives: images with labels, and where they came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor

from nullfit.data.sources.image_files import ImageFiles
from nullfit.errors import UserError


@dataclass(frozen=True)
class ImageSet:
    """Images and labels of one split.

    ``images`` are either bytes 0..255, as files hold them, or float32 in [0, 1]; `unit_images`
    gives the latter in both cases. They may also be left in their files until they are needed.
    ``labels`` lie in ``range(len(classes))``. ``source`` says in words where the images came from
    (a path, a package and its version). ``places`` are those of the samples in the split that the
    source gave, by which corruptions number them; None where it is that split itself.
    """

    images: UInt8[Tensor, "n c h w"] | Float32[Tensor, "n c h w"] | ImageFiles
    labels: Int64[Tensor, " n"]
    classes: tuple[str, ...]
    source: str
    places: Int64[Tensor, " n"] | None = None

    def __post_init__(self) -> None:
        """Check that images, labels and classes fit together.

        Raises:
            UserError: there are no images, counts differ, or a label has no class.
        """
        if len(self.images) == 0:
            raise UserError(f"{self.source}: no images found.")
        if len(self.images) != len(self.labels):
            raise UserError(
                f"{self.source}: {len(self.images)} images but {len(self.labels)} labels."
            )
        low, high = int(self.labels.min()), int(self.labels.max())
        if low < 0 or high >= len(self.classes):
            wrong = low if low < 0 else high
            raise UserError(
                f"{self.source}: label {wrong} is out of range; "
                f"{len(self.classes)} classes allow 0 to {len(self.classes) - 1}."
            )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    @property
    def tensor(self) -> UInt8[Tensor, "n c h w"] | Float32[Tensor, "n c h w"]:
        """All images, read from their files if they are still there."""
        if isinstance(self.images, ImageFiles):
            return self.images.read(torch.arange(len(self)))
        return self.images

    def unit_images(self) -> Float32[Tensor, "n c h w"]:
        """The images as float32 in [0, 1]: bytes divided by 255, floats as they are."""
        if self.images.dtype == torch.uint8:
            return self.tensor.to(torch.float32).div_(255)
        return self.tensor

    def selection(self, indices: Int64[Tensor, " m"]) -> "ImageSet":
        """The samples at ``indices``, which keep their places in the split of the source."""
        places = indices if self.places is None else self.places[indices]
        return replace(self.subset(indices), places=places)

    def subset(self, indices: Sequence[int] | Tensor) -> "ImageSet":
        """The samples at ``indices``, in that order: a set of its own, with places of its own."""
        chosen = torch.as_tensor(indices, dtype=torch.int64)
        held = self.images
        images = held.select(chosen) if isinstance(held, ImageFiles) else held[chosen]
        return replace(self, images=images, labels=self.labels[chosen], places=None)


@dataclass(frozen=True)
class Dataset:
    """A training and a test split over the same classes and image shape.

    ``account`` is what there is to say of how they were read.
    """

    name: str
    train: ImageSet
    test: ImageSet
    account: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that the two splits belong together.

        Raises:
            UserError: classes or image shapes differ.
        """
        if self.train.classes != self.test.classes:
            raise UserError(
                f"data {self.name}: train and test have different classes: "
                f"{sorted(set(self.train.classes) ^ set(self.test.classes))} in one only."
            )
        if self.train.shape != self.test.shape:
            raise UserError(
                f"data {self.name}: train images are {self.train.shape}, test images "
                f"{self.test.shape} (channels, height, width); set data.image_size."
            )
