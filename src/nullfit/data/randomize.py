"""From a data set to the tensors that a network is trained and tested on.

The order is the study's: crop, corrupt, whiten. Only the training set's labels are ever corrupted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from nullfit.corruptions.corruption import TEST_INDEX, Corrupted, Origin
from nullfit.data.corrupt import SplitName, Step, corrupt
from nullfit.data.crop import center_crop
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.limit import SUBSET_SEED
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.data.subset import one_of_each_class, stratified_split
from nullfit.data.whitening import Whitening, fit_whitening
from nullfit.errors import UserError
from nullfit.seeds import derive

_VALIDATION_INDEX = 2**41
_EXAMPLES = 10


@dataclass(frozen=True)
class Preprocessing:
    """What is done to images before (crop) and after (whitening) they are corrupted.

    ``while_training`` leaves both to the batches, for random crops and augmentation.
    """

    crop: int | None = None
    whitening: Literal["per_image", "per_channel", "none"] = "per_image"
    while_training: bool = False


def randomize(
    dataset: Dataset,
    steps: Sequence[Step],
    seed: int,
    preprocessing: Preprocessing | None = None,
    val_fraction: float = 0.0,
    fresh: bool = False,
) -> RandomizedData:
    """Crop, corrupt and whiten every split.

    The randomization follows from ``seed`` alone. It is drawn once; with ``fresh`` the result's
    ``redraw(epoch)`` gives the training split of another epoch. A stratified ``val_fraction`` of
    the training set is held out; like the test set it keeps its labels.

    Raises:
        UserError: the images are smaller than the crop, or a corruption changed test labels.
    """
    train_set, val_set = dataset.train, None
    if val_fraction:
        kept, held_out = stratified_split(
            train_set.labels, val_fraction, SUBSET_SEED, key="data.val_fraction"
        )
        train_set, val_set = train_set.subset(kept), train_set.subset(held_out)
    draw = _Draw(
        steps, preprocessing or Preprocessing(), derive(seed, "fresh", 0) if fresh else seed
    )
    clean = draw.clean(train_set)
    origin = replace(Origin.of(clean, train_set.labels), classes=len(train_set.classes))
    drawn = draw.corrupted(clean, train_set.labels, "train", origin)
    labels = train_set.labels
    images_changed = Corrupted.compared(clean, labels, drawn.images, labels).changed
    whitening = fit_whitening(draw.preprocessing.whitening, draw.cropped(drawn.images))
    # Before whitening, which may overwrite the images; an index makes a copy.
    examples = draw.examples(drawn, train_set.labels)
    may_overwrite = drawn.images is not clean or (draw.owns(train_set) and not fresh)

    def redraw(epoch: int) -> Split:
        again = replace(draw, seed=derive(seed, "fresh", epoch))
        corrupted = again.corrupted(clean, train_set.labels, "train", origin)
        own = corrupted.images is not clean
        return draw.split(corrupted, train_set.labels, whitening, own)

    test, test_clean = draw.held_out(dataset.test, whitening, origin.starting_at(TEST_INDEX))
    val = None
    if val_set is not None:
        val, _ = draw.held_out(val_set, whitening, origin.starting_at(_VALIDATION_INDEX))
    train = draw.split(drawn, train_set.labels, whitening, may_overwrite)
    channels, height, width = train_set.shape
    crop = draw.preprocessing.crop
    return RandomizedData(
        name=dataset.name,
        classes=dataset.train.classes,
        input_shape=(channels, crop or height, crop or width),
        train=train,
        test=test,
        test_clean=test_clean,
        val=val,
        labels_changed=float(train.label_changed.double().mean()),
        images_changed=float(images_changed.double().mean()),
        examples=examples,
        redraw=redraw if fresh else None,
    )


@dataclass(frozen=True)
class _Draw:
    """One draw of the randomization, applied to the splits one after the other."""

    steps: Sequence[Step]
    preprocessing: Preprocessing
    seed: int

    def cropped(self, images: Tensor) -> Tensor:
        crop = self.preprocessing.crop
        return images if crop is None else center_crop(images, crop)

    def clean(self, images: ImageSet) -> Tensor:
        """The images in [0, 1], cropped unless that is left to the batches."""
        if self.preprocessing.while_training:
            return images.unit_images()
        return replace(images, images=self.cropped(images.images)).unit_images()

    def owns(self, images: ImageSet) -> bool:
        """Whether `clean` made a copy that may be overwritten."""
        return images.images.dtype == torch.uint8

    def corrupted(
        self, images: Tensor, labels: Tensor, split: SplitName, origin: Origin
    ) -> Corrupted:
        return corrupt(images, labels, self.steps, self.seed, split, origin)

    def split(
        self, corrupted: Corrupted, true_labels: Tensor, whitening: Whitening, own: bool
    ) -> Split:
        if self.preprocessing.while_training:
            prepare = _Prepare(self, whitening)
            return Split(corrupted.images, corrupted.labels, true_labels, prepare)
        images = whitening.apply_(corrupted.images) if own else whitening(corrupted.images)
        return Split(images, corrupted.labels, true_labels)

    def examples(self, corrupted: Corrupted, true_labels: Tensor) -> Split:
        """Samples of the classes in turn, cropped and not whitened."""
        chosen = one_of_each_class(true_labels, _EXAMPLES)
        images = corrupted.images[chosen]
        if self.preprocessing.while_training:
            images = self.cropped(images)
        return Split(images, corrupted.labels[chosen], true_labels[chosen])

    def held_out(
        self, images: ImageSet, whitening: Whitening, origin: Origin
    ) -> tuple[Split, Split]:
        """A split that is not trained on, as the corruption leaves it and clean."""
        unit = self.clean(images)
        after = self.corrupted(unit, images.labels, "test", origin)
        if not torch.equal(after.labels, images.labels):
            raise UserError(
                "corruption.apply_to: this corruption changes labels, and test labels are never "
                "corrupted. Allowed: train."
            )
        if after.images is unit:
            clean = self.split(after, images.labels, whitening, self.owns(images))
            return clean, clean
        corrupted = self.split(after, images.labels, whitening, True)
        unchanged = after._replace(images=unit)
        return corrupted, self.split(unchanged, images.labels, whitening, self.owns(images))


@dataclass(frozen=True)
class _Prepare:
    """Crops and whitens a batch that was left as it came."""

    draw: _Draw
    whitening: Whitening

    def __call__(self, images: Tensor) -> Tensor:
        return self.whitening(self.draw.cropped(images))
