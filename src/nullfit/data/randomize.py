"""From a data set to the tensors that a network is trained and tested on.

The order is the study's: crop, corrupt, whiten. Random crops and augmentation take the place of the
crop, or come before it. Only the training set's labels are ever corrupted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Int64
from torch import Tensor

from nullfit.corruptions.corruption import TEST_INDEX, Origin, account_of, declared
from nullfit.corruptions.step import SplitName, Step, corrupt
from nullfit.data.image_set import Dataset, ImageSet, origin_of
from nullfit.data.leave_out import Kept, kept_samples
from nullfit.data.limit import SUBSET_SEED
from nullfit.data.preprocessing import Prepare, Preprocessing
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.data.separation import ImageChange, ImageStep, InseparableError, separate
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.data.streaming.moments import measured_origin
from nullfit.data.streaming.survey import survey
from nullfit.data.subset import one_of_each_class, stratified_split
from nullfit.data.whitening import NoWhitening, Whitening
from nullfit.errors import UserError
from nullfit.seeds import derive

_EXAMPLES = 10


def randomize(
    dataset: Dataset,
    steps: Sequence[Step],
    seed: int,
    preprocessing: Preprocessing | None = None,
    val_fraction: float = 0.0,
    fresh: bool = False,
    other_tests: Mapping[str, Step] | None = None,
    leave_out: str | None = None,
) -> RandomizedData:
    """Crop, corrupt and whiten every split.

    The randomization follows from ``seed`` alone, and what becomes of a sample from its place in
    the source: it is the same in any subset. It is drawn once; with ``fresh`` the result's
    ``redraw(epoch)`` gives the training split of another epoch. A stratified ``val_fraction`` of
    the training set is held out; like the test set it keeps its labels. Each of ``other_tests``
    makes another test set of the clean one. Training samples that the file ``leave_out`` names are
    left out at the end: corruption and whitening are those of the whole set, so that what stays is
    what it was.

    Raises:
        UserError: the images are smaller than the crop, a corruption changed test labels, or
            ``leave_out`` does not fit the training set.
    """
    train_set, val_set = dataset.train, None
    if val_fraction:
        fitted, held_out = stratified_split(
            train_set.labels, val_fraction, SUBSET_SEED, key="data.val_fraction"
        )
        train_set, val_set = train_set.selection(fitted), train_set.selection(held_out)
    kept = None if leave_out is None else kept_samples(train_set, leave_out)
    preprocessing = preprocessing or Preprocessing()
    first_seed = derive(seed, "fresh", 0) if fresh else seed
    draw = _Draw(steps, preprocessing, first_seed, origin_of(train_set))
    draw = draw.measured(train_set)
    drawn = draw.of(train_set, "train")
    unwhitened = None if preprocessing.while_training else drawn.held()
    seen = survey(drawn.images, preprocessing, unwhitened)
    stay = None if kept is None else kept.indices
    examples = draw.examples(drawn, unwhitened, stay)
    train = replace(
        draw.train(drawn, seen.whitening, unwhitened),
        places=train_set.places,
        files=train_set.own_files,
    )
    train = train if stay is None else train.selection(stay)

    def redraw(epoch: int) -> Split:
        again = replace(draw, seed=derive(seed, "fresh", epoch)).of(train_set, "train")
        split = draw.train(again, seen.whitening)
        return split if stay is None else split.selection(stay)

    test, test_clean = draw.held_out(dataset.test, seen.whitening, TEST_INDEX)
    val = None
    if val_set is not None:
        val, _ = draw.held_out(val_set, seen.whitening, 0)
    tests = dict(other_tests or {})
    alone = _Draw(list(tests.values()), preprocessing, seed, draw.origin).measured(train_set)
    others = {
        name: replace(alone, steps=[step]).other_test(dataset.test, seen.whitening, name)
        for name, step in tests.items()
    }
    channels, height, width = train_set.shape
    crop = preprocessing.crop
    return RandomizedData(
        name=dataset.name,
        classes=dataset.train.classes,
        input_shape=(channels, crop or height, crop or width),
        train=train,
        test=test,
        test_clean=test_clean,
        val=val,
        labels_changed=float(train.label_changed.double().mean()),
        images_changed=seen.images_changed,
        examples=examples,
        redraw=redraw if fresh else None,
        uncropped=(height, width),
        account=_account(dataset, train_set, steps, draw.origin, kept),
        other_tests=others,
        left_out=len(train_set) - len(train),
        whitening=seen.whitening,
    )


def _account(
    dataset: Dataset, train: ImageSet, steps: Sequence[Step], origin: Origin, kept: Kept | None
) -> str | None:
    """How the data were read, what corruptions and a list say of them, a line each."""
    own = origin.starting_at(0, train.places)
    lines = [
        account_of(step.corruption, train.labels, own) for step in steps if step.apply_to != "test"
    ]
    lines.append("" if kept is None else kept.account)
    return "\n".join(line for line in (dataset.account, *lines) if line) or None


@dataclass(frozen=True)
class _Drawn:
    """A split after the corruption: images not yet whitened, and labels."""

    images: LazyImages
    labels: Int64[Tensor, " n"]
    true_labels: Int64[Tensor, " n"]

    def held(self) -> Tensor | None:
        """All images in memory, unless they are streamed."""
        return None if self.images.is_streamed else self.images.in_memory()


@dataclass(frozen=True)
class _Draw:
    """One draw of the randomization, applied to the splits one after the other."""

    steps: Sequence[Step]
    preprocessing: Preprocessing
    seed: int
    origin: Origin

    def clean(self, images: ImageSet) -> LazyImages:
        """The images in [0, 1], cropped."""
        return LazyImages(images.images, self.preprocessing.crop, (), NoWhitening())

    def measured(self, train: ImageSet) -> "_Draw":
        """The same with the moments of the training images, if a step needs or may need them."""
        declarations = [declared(step.corruption) for step in self.steps]
        if all(found and not found.needs_moments for found in declarations):
            return self
        found = measured_origin(self.clean(train), train.labels, len(train.classes))
        return replace(self, origin=replace(self.origin, mean=found.mean, std=found.std))

    def of(self, images: ImageSet, split: SplitName, first_index: int = 0) -> _Drawn:
        """A split, corrupted.

        Raises:
            UserError: a step needs all images at once, and they are streamed, or left to batches.
        """
        clean = self.clean(images)
        origin = self.origin.starting_at(first_index, images.places)
        examples = clean.clean(slice(0, 2))
        steps: Sequence[ImageChange]
        try:
            labels, steps = separate(self.steps, self.seed, split, origin, images.labels, examples)
        except InseparableError as error:
            if clean.is_streamed:
                raise UserError(
                    f"data.streaming: this corruption needs all images at once: {error}.\n"
                    "Use data.streaming=false."
                ) from error
            labels, steps = self.at_once(clean.in_memory(), images.labels, split, origin)
        return _Drawn(replace(clean, steps=steps), labels, images.labels)

    def at_once(
        self, before: Tensor, labels: Tensor, split: SplitName, origin: Origin
    ) -> tuple[Tensor, Sequence[ImageChange]]:
        """The labels after the corruption of all images at once, and what gives these by sample.

        Raises:
            UserError: the images are left to batches.
        """
        after, labels, _ = corrupt(before, labels, self.steps, self.seed, split, origin)
        if after is before:
            return labels, []
        if split == "train" and self.preprocessing.while_training:
            raise UserError(
                "regularizer: random_crop and augmentation come before the corruption, and this "
                "one needs all images at once.\nUse regularizer=none, or one of the others."
            )
        return labels, [lambda _, chosen: after[chosen]]

    def train(self, drawn: _Drawn, whitening: Whitening, unwhitened: Tensor | None = None) -> Split:
        """What is trained on: `split`, unless its images are left to the batches."""
        if not self.preprocessing.while_training:
            return self.split(drawn, whitening, unwhitened)
        steps = [step for step in drawn.images.steps if isinstance(step, ImageStep)]
        prepare = Prepare(self.preprocessing.crop, steps, whitening)
        whole = LazyImages(drawn.images.source, None, (), NoWhitening())
        images = whole if whole.is_streamed else whole.in_memory()
        return Split(images, drawn.labels, drawn.true_labels, prepare)

    def split(self, drawn: _Drawn, whitening: Whitening, unwhitened: Tensor | None = None) -> Split:
        """What a network gets; ``unwhitened`` are all images, and are overwritten if their own."""
        unwhitened = drawn.held() if unwhitened is None else unwhitened
        if unwhitened is None:
            images: Tensor | LazyImages = replace(drawn.images, whitening=whitening)
        else:
            own = not drawn.images.is_source
            images = whitening.apply_(unwhitened) if own else whitening(unwhitened)
        return Split(images, drawn.labels, drawn.true_labels)

    def examples(
        self, drawn: _Drawn, unwhitened: Tensor | None, kept: Int64[Tensor, " kept"] | None
    ) -> Split:
        """Samples of the classes in turn, of those ``kept``, cropped and not whitened."""
        among = torch.arange(len(drawn.labels)) if kept is None else kept
        chosen = among[one_of_each_class(drawn.true_labels[among], _EXAMPLES)]
        images = drawn.images.make(chosen) if unwhitened is None else unwhitened[chosen]
        return Split(images, drawn.labels[chosen], drawn.true_labels[chosen])

    def held_out(
        self, images: ImageSet, whitening: Whitening, first_index: int
    ) -> tuple[Split, Split]:
        """A split that is not trained on, as the corruption leaves it and clean."""
        drawn = self.of(images, "test", first_index)
        if not torch.equal(drawn.labels, images.labels):
            raise UserError(
                "corruption.apply_to: this corruption changes labels, and test labels are never "
                "corrupted. Allowed: train."
            )
        corrupted = self.split(drawn, whitening)
        if not drawn.images.steps:
            return corrupted, corrupted
        clean = replace(drawn, images=self.clean(images))
        return corrupted, self.split(clean, whitening)

    def other_test(self, images: ImageSet, whitening: Whitening, name: str) -> Split:
        """The test set as the steps leave it."""
        drawn = self.of(images, "test", TEST_INDEX)
        if not torch.equal(drawn.labels, images.labels):
            raise UserError(
                f"data.test_corruptions: {name} changes labels, and only test images may be "
                "changed.\nLeave it out, e.g. data.test_corruptions=[random_pixels]."
            )
        return self.split(drawn, whitening)
