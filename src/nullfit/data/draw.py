"""One draw of the randomization: what it makes of each split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Int64
from torch import Tensor

from nullfit.corruptions.corruption import TEST_INDEX, Origin, declared
from nullfit.corruptions.step import SplitName, Step, corrupt
from nullfit.data.image_set import ImageSet
from nullfit.data.preprocessing import Prepare, Preprocessing
from nullfit.data.randomized_data import Split
from nullfit.data.separation import ImageChange, ImageStep, InseparableError, separate
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.data.streaming.moments import measured_origin
from nullfit.data.subset import one_of_each_class
from nullfit.data.whitening import NoWhitening, Whitening
from nullfit.errors import UserError

_EXAMPLES = 10


@dataclass(frozen=True)
class Drawn:
    """A split after the corruption: images not yet whitened, and labels."""

    images: LazyImages
    labels: Int64[Tensor, " n"]
    true_labels: Int64[Tensor, " n"]

    def held(self) -> Tensor | None:
        """All images in memory, unless they are streamed."""
        return None if self.images.is_streamed else self.images.in_memory()


@dataclass(frozen=True)
class Draw:
    """One draw of the randomization, applied to the splits one after the other."""

    steps: Sequence[Step]
    preprocessing: Preprocessing
    seed: int
    origin: Origin

    def clean(self, images: ImageSet) -> LazyImages:
        """The images in [0, 1], cropped."""
        return LazyImages(images.images, self.preprocessing.crop, (), NoWhitening())

    def measured(self, train: ImageSet) -> "Draw":
        """The same with the moments of the training images, if a step needs or may need them."""
        declarations = [declared(step.corruption) for step in self.steps]
        if all(found and not found.needs_moments for found in declarations):
            return self
        found = measured_origin(self.clean(train), train.labels, len(train.classes))
        return replace(self, origin=replace(self.origin, mean=found.mean, std=found.std))

    def of(self, images: ImageSet, split: SplitName, first_index: int = 0) -> Drawn:
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
        return Drawn(replace(clean, steps=steps), labels, images.labels)

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

    def train(self, drawn: Drawn, whitening: Whitening, unwhitened: Tensor | None = None) -> Split:
        """What is trained on: `split`, unless its images are left to the batches."""
        if not self.preprocessing.while_training:
            return self.split(drawn, whitening, unwhitened)
        steps = [step for step in drawn.images.steps if isinstance(step, ImageStep)]
        prepare = Prepare(self.preprocessing.crop, steps, whitening)
        whole = LazyImages(drawn.images.source, None, (), NoWhitening())
        images = whole if whole.is_streamed else whole.in_memory()
        return Split(images, drawn.labels, drawn.true_labels, prepare)

    def split(self, drawn: Drawn, whitening: Whitening, unwhitened: Tensor | None = None) -> Split:
        """What a network gets; ``unwhitened`` are all images, and are overwritten if their own."""
        unwhitened = drawn.held() if unwhitened is None else unwhitened
        if unwhitened is None:
            images: Tensor | LazyImages = replace(drawn.images, whitening=whitening)
        else:
            own = not drawn.images.is_source
            images = whitening.apply_(unwhitened) if own else whitening(unwhitened)
        return Split(images, drawn.labels, drawn.true_labels)

    def examples(
        self, drawn: Drawn, unwhitened: Tensor | None, kept: Int64[Tensor, " kept"] | None
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
