"""What a network is trained and tested on, after randomization."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64, Shaped, UInt8
from torch import Tensor

from nullfit.data.copies import Copies
from nullfit.data.preprocessing import Prepare
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.data.whitening import Whitening
from nullfit.errors import UserError


@dataclass(frozen=True)
class Split:
    """The samples of one split: ready for a network if ``prepare`` is None, else after it.

    Only images that are trained on with random crops or augmentation are left to ``prepare``.

    ``pixels`` are the images, or, where these do not fit into memory, what makes them.
    ``labels`` are those trained on or tested against; ``true_labels`` are those of the source.
    Of the training split ``places`` are those of the samples in the split that the source gave
    (None: it is that split), ``files`` the names of their image files, as bytes (None: no files).
    """

    pixels: Float[Tensor, "n c h w"] | LazyImages
    labels: Int64[Tensor, " n"]
    true_labels: Int64[Tensor, " n"]
    prepare: Prepare | None = None
    places: Int64[Tensor, " n"] | None = None
    files: Shaped[np.ndarray, " n"] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def images(self) -> Float[Tensor, "n c h w"]:
        """All images at once.

        Raises:
            UserError: they are not in memory.
        """
        if isinstance(self.pixels, LazyImages):
            raise UserError(
                "data.streaming: this needs all images in memory at once. Use "
                "data.streaming=false, with fewer images (data.train_limit, data.test_limit) or "
                "smaller ones (data.image_size) if they do not fit."
            )
        return self.pixels

    @property
    def image_shape(self) -> torch.Size:
        """Channels, height, width before ``prepare``."""
        return self.pixels.shape[1:]

    def selection(self, chosen: Shaped[Tensor, " _"]) -> "Split":
        """Some of the samples, by index or mask, which keep their places in the source."""
        here = chosen.cpu()
        places = torch.arange(len(self)) if self.places is None else self.places
        held = self.pixels
        return replace(
            self,
            pixels=held.selection(here) if isinstance(held, LazyImages) else held[chosen],
            labels=self.labels[chosen],
            true_labels=self.true_labels[chosen],
            prepare=None if self.prepare is None else self.prepare.of(here),
            places=places[here],
            files=None if self.files is None else self.files[here.numpy()],
        )

    @property
    def indices(self) -> Int64[np.ndarray, " n"]:
        """The places of the samples in the split that the source gave."""
        return np.arange(len(self)) if self.places is None else self.places.numpy(force=True)

    @property
    def label_changed(self) -> Bool[Tensor, " n"]:
        """Which labels a corruption changed."""
        return self.labels != self.true_labels

    def pictures(self, indices: Int64[np.ndarray, " m"]) -> Float[Tensor, "m c h w"]:
        """Some samples for people to look at: each from its least value, 0, to its largest, 1."""
        chosen = torch.from_numpy(np.ascontiguousarray(indices))
        if isinstance(self.pixels, LazyImages):
            images = self.pixels.make(chosen)
        else:
            images = self.pixels[chosen.to(self.pixels.device)].float().cpu()
        low, high = (end(images.flatten(1), 1) for end in (torch.amin, torch.amax))
        width = (high - low).clamp_min(torch.finfo(torch.float32).tiny)
        return (images - low[:, None, None, None]) / width[:, None, None, None]

    def byte_pictures(self, indices: Int64[np.ndarray, " m"]) -> UInt8[np.ndarray, "m c h w"]:
        """The same from 0 to 255, as they are stored."""
        pictures: np.ndarray = self.pictures(indices).mul(255).round().byte().numpy()
        return pictures

    def to(self, device: torch.device, dtype: torch.dtype | None = None) -> "Split":
        """The same on another device, the images in ``dtype`` if one is given."""
        return replace(
            self,
            pixels=self.pixels.to(device, dtype),
            labels=self.labels.to(device),
            true_labels=self.true_labels.to(device),
        )


@dataclass(frozen=True)
class RandomizedData:
    """A data set after randomization. ``test_clean`` is `test` itself where nothing touched it.

    ``examples`` are a few training samples of different classes, corrupted but not yet whitened,
    for people to look at. ``other_tests`` are the clean test set under further corruptions, by
    their names. ``uncropped`` is the (height, width) that the source gave. ``left_out`` counts
    training samples that are not among those of ``train``, though the source and its limits have
    them. ``whitening`` is what the images of all splits came through last (None: nobody noted).
    ``test_copies`` are test samples that are training samples, too (None: nobody looked).
    """

    name: str
    classes: tuple[str, ...]
    input_shape: tuple[int, int, int]
    train: Split
    test: Split
    test_clean: Split
    val: Split | None
    labels_changed: float
    images_changed: float
    examples: Split
    redraw: Callable[[int], Split] | None = None
    uncropped: tuple[int, int] | None = None
    account: str | None = None  # of how the data were read
    left_out: int = 0
    other_tests: Mapping[str, Split] = field(default_factory=dict)
    whitening: Whitening | None = None
    test_copies: Copies | None = None

    @property
    def splits(self) -> dict[str, Split]:
        """All splits by the names of their metrics; one may be there under two."""
        others = {f"test_{name}": split for name, split in self.other_tests.items()}
        val = {} if self.val is None else {"val": self.val}
        return {
            **{"train": self.train, **val, "test": self.test, "test_clean": self.test_clean},
            **others,
        }

    @property
    def size(self) -> str:
        """Height, width and channels of an image in words, and what it was cut out of."""
        channels, height, width = self.input_shape
        text = f"{height}×{width}×{channels}"
        if self.uncropped is None or self.uncropped == (height, width):
            return text
        return f"{text} cut out of {'×'.join(map(str, self.uncropped))} (data.crop={height})"

    @property
    def largest_test_class(self) -> float:
        """The accuracy of always naming the most frequent class of the test set: chance."""
        return int(self.test.labels.bincount().max()) / len(self.test)

    def to(self, device: torch.device, dtype: torch.dtype | None = None) -> "RandomizedData":
        """The same on another device, the images in ``dtype`` if one is given."""
        return self.changed(lambda split: split.to(device, dtype))

    def changed(self, change: Callable[[Split], Split]) -> "RandomizedData":
        """The same with every split changed; a clean test set that is the test set stays it."""
        test = change(self.test)
        return replace(
            self,
            train=change(self.train),
            test=test,
            test_clean=test if self.test_clean is self.test else change(self.test_clean),
            val=None if self.val is None else change(self.val),
            other_tests={name: change(split) for name, split in self.other_tests.items()},
        )
