"""From a data set to the tensors that a network is trained and tested on.

The order is the study's: crop, corrupt, whiten. Only the training set's labels are ever corrupted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Bool, Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import TEST_INDEX, Corrupted, Corruption, Origin
from nullfit.data.crop import center_crop
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.subset import one_of_each_class, stratified_indices, stratified_split
from nullfit.data.whitening import Whitening, fit_whitening
from nullfit.errors import UserError
from nullfit.seeds import derive

# Limits and held-out parts are the same for every seed of a study: seeds vary the randomization.
_SUBSET_SEED = 0
_VALIDATION_INDEX = 2**41
_EXAMPLES = 10

SplitName = Literal["train", "test"]


@dataclass(frozen=True)
class Step:
    """One corruption with its settings, and the splits that it applies to.

    ``position`` is its place in a chain, by which it draws: the same on every split.
    """

    corruption: Corruption
    apply_to: Literal["train", "test", "both"]
    position: int | None = None


@dataclass(frozen=True)
class Split:
    """The samples of one split: ready for a network if ``prepare`` is None, else after it.

    ``labels`` are those trained on or tested against; ``true_labels`` are those of the source.
    """

    images: Float32[Tensor, "n c h w"]
    labels: Int64[Tensor, " n"]
    true_labels: Int64[Tensor, " n"]
    prepare: Callable[[Tensor], Tensor] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def label_changed(self) -> Bool[Tensor, " n"]:
        """Which labels a corruption changed."""
        return self.labels != self.true_labels

    def to(self, device: torch.device) -> "Split":
        """The same on another device."""
        return replace(
            self,
            images=self.images.to(device),
            labels=self.labels.to(device),
            true_labels=self.true_labels.to(device),
        )


@dataclass(frozen=True)
class Preprocessing:
    """What is done to images before (crop) and after (whitening) they are corrupted.

    ``while_training`` leaves both to the batches, for random crops and augmentation.
    """

    crop: int | None = None
    whitening: Literal["per_image", "per_channel", "none"] = "per_image"
    while_training: bool = False


@dataclass(frozen=True)
class RandomizedData:
    """A data set after randomization. ``test_clean`` is `test` itself where nothing touched it.

    ``examples`` are a few training samples of different classes, corrupted but not yet whitened,
    for people to look at.
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

    def to(self, device: torch.device) -> "RandomizedData":
        """The same on another device."""
        test = self.test.to(device)
        return replace(
            self,
            train=self.train.to(device),
            test=test,
            test_clean=test if self.test_clean is self.test else self.test_clean.to(device),
            val=self.val and self.val.to(device),
        )


def limit(dataset: Dataset, train: int | None = None, test: int | None = None) -> Dataset:
    """A stratified subset of each split.

    Raises:
        UserError: a limit is larger than its split.
    """
    return replace(
        dataset,
        train=_limited(dataset.train, train, "data.train_limit"),
        test=_limited(dataset.test, test, "data.test_limit"),
    )


def _limited(images: ImageSet, size: int | None, key: str) -> ImageSet:
    if size is None:
        return images
    return images.subset(stratified_indices(images.labels, size, _SUBSET_SEED, key=key))


def corrupt(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    steps: Sequence[Step],
    seed: int,
    split: SplitName,
    origin: Origin,
) -> Corrupted:
    """Apply, in their order, the steps that are meant for a split."""
    new_images, new_labels = images, labels
    for step in steps:
        if step.apply_to in (split, "both"):
            own = seed if step.position is None else derive(seed, "chain", step.position)
            new_images, new_labels, _ = step.corruption(new_images, new_labels, own, origin)
    return Corrupted.compared(images, labels, new_images, new_labels)


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
            train_set.labels, val_fraction, _SUBSET_SEED, key="data.val_fraction"
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
