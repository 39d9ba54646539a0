"""What a data source gives: images with labels, and where they came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int64, Shaped, UInt8
from torch import Tensor

from nullfit.corruptions.corruption import Origin
from nullfit.data.arrays import image_tensor, label_tensor
from nullfit.data.sources.image_files import ImageFiles
from nullfit.errors import UserError


@dataclass(frozen=True, init=False)
class ImageSet:
    """Images and labels of one split.

    ``images`` are either bytes 0..255, as files hold them, or float32 in [0, 1]; `unit_images`
    gives the latter in both cases. They may also be left in their files until they are needed.
    ``labels`` lie in ``range(len(classes))``. Arrays of other types become that where their meaning
    is plain (`image_tensor`, `label_tensor`). ``source`` says in words where the images came from
    (a path, a package and its version). ``places`` are those of the samples in the split that the
    source gave, by which corruptions number them; None where it is that split itself. With
    ``any_scale`` the images are numbers of any kind in the shape of images, as tables have them.
    ``source_labels`` are those of that split, by place, None where it is this one; ``files`` are
    the names of its images as bytes, by place, where they come from a folder of files.
    """

    images: UInt8[Tensor, "n c h w"] | Float32[Tensor, "n c h w"] | ImageFiles
    labels: Int64[Tensor, " n"]
    classes: tuple[str, ...]
    source: str
    places: Int64[Tensor, " n"] | None = None
    any_scale: bool = False
    source_labels: Int64[Tensor, " source"] | None = None
    files: Shaped[np.ndarray, " source"] | None = None

    def __init__(
        self,
        images: Any,
        labels: Any,
        classes: Sequence[Any],
        source: str,
        places: Int64[Tensor, " n"] | None = None,
        any_scale: bool = False,
        source_labels: Int64[Tensor, " source"] | None = None,
        files: Shaped[np.ndarray, " source"] | None = None,
    ) -> None:
        """Bring images and labels to their types, and check that they fit together.

        Raises:
            UserError: there are no images, counts differ, values are out of range, or a label has
                no class.
        """
        names = tuple(map(str, classes))
        if not isinstance(images, ImageFiles):
            images = image_tensor(images, source, any_scale=any_scale)
        fields = {
            "images": images,
            "labels": label_tensor(labels, names, source),
            "classes": names,
            "source": source,
            "places": places,
            "any_scale": any_scale,
            "source_labels": source_labels,
            "files": files,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)  # the one moment in which it may change
        if len(self.images) == 0:
            raise UserError(f"{self.source}: no images found.")
        if len(self.images) != len(self.labels):
            raise UserError(
                f"{self.source}: {len(self.images)} images but {len(self.labels)} labels."
            )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    @property
    def own_files(self) -> Shaped[np.ndarray, " n"] | None:
        """The names of the samples' image files, as bytes; None where they come from none."""
        if self.files is None or self.places is None:
            return self.files
        own: np.ndarray = self.files[self.places.numpy()]
        return own

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
        labels = self.labels if self.source_labels is None else self.source_labels
        return replace(self.subset(indices), places=places, source_labels=labels, files=self.files)

    def subset(self, indices: Sequence[int] | Tensor) -> "ImageSet":
        """The samples at ``indices``, in that order: a set of its own, with places of its own."""
        chosen = torch.as_tensor(indices, dtype=torch.int64)
        held = self.images
        images = held.select(chosen) if isinstance(held, ImageFiles) else held[chosen]
        files = self.own_files
        return replace(
            self,
            images=images,
            labels=self.labels[chosen],
            places=None,
            source_labels=None,
            files=None if files is None else files[chosen.numpy()],
        )


@dataclass(frozen=True)
class Dataset:
    """A training and a test split over the same classes and image shape.

    ``notes`` tell what reading may have lost, a line each; ``account`` what was read and as what.
    """

    name: str
    train: ImageSet
    test: ImageSet
    notes: tuple[str, ...] = ()
    account: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that the two splits belong together.

        Raises:
            UserError: they are no `ImageSet`, or classes or image shapes differ.
        """
        for split in ("train", "test"):
            if not isinstance(given := getattr(self, split), ImageSet):
                raise UserError(
                    f"data {self.name}: {split} is a {type(given).__name__}.\nGive "
                    "nullfit.data.ImageSet(images, labels, classes, source) for each split."
                )
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


def origin_of(train: ImageSet) -> Origin:
    """What corruptions may know of a training set, without a look at its pixels."""
    labels = train.labels if train.places is None else train.source_labels
    return Origin(len(train.classes), class_names=train.classes, labels=labels, files=train.files)
