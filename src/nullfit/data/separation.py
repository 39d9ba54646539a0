"""The steps of a corruption, separated into what happens to labels and what to each image.

Labels fit into memory always, so they are corrupted at once. Images are corrupted by the sample:
what a corruption does to sample i follows from (seed, i), so it may be asked for any samples in
any order. Whether a step keeps to that is tried out on two samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corruption, Origin
from nullfit.corruptions.none import none
from nullfit.corruptions.step import SplitName, Step
from nullfit.errors import UserError


class InseparableError(Exception):
    """A step needs all images at once; the message says why."""


@dataclass(frozen=True)
class ImageStep:
    """A corruption of images. ``labels`` are those of the whole split as it finds them.

    ``places`` are where these samples lie in the split of the source.
    """

    corruption: Corruption
    seed: int
    origin: Origin
    places: Int64[Tensor, " n"]
    labels: Int64[Tensor, " n"]

    def __call__(
        self, images: Float32[Tensor, "m c h w"], chosen: Int64[Tensor, " m"] | slice
    ) -> Float32[Tensor, "m c h w"]:
        """Corrupt the images of some samples.

        Raises:
            UserError: it changes labels after all, or the shape of images.
        """
        labels = self.labels[chosen]
        origin = self.origin.starting_at(self.origin.first_index, self.places[chosen])
        new, new_labels, _ = self.corruption(images, labels, self.seed, origin)
        if new.shape != images.shape or not torch.equal(new_labels, labels):
            raise UserError(
                "corruption: one of its steps changes the images of some samples and the "
                "labels or shapes of others.\nGive labels and images a step of their own."
            )
        return new


@dataclass(frozen=True)
class AllImages:
    """Stands for a corruption that was applied to all images at once."""

    images: Float32[Tensor, "n c h w"]

    def __call__(
        self, images: Float32[Tensor, "m c h w"], chosen: Int64[Tensor, " m"] | slice
    ) -> Float32[Tensor, "m c h w"]:
        """What became of some samples."""
        return self.images[chosen]


def separate(
    steps: Sequence[Step],
    seed: int,
    split: SplitName,
    origin: Origin,
    labels: Int64[Tensor, " n"],
    examples: Float32[Tensor, "m c h w"],
) -> tuple[Int64[Tensor, " n"], Sequence[ImageStep | AllImages]]:
    """The labels after all steps for a split, and the steps that change its images.

    ``origin`` says where these samples lie in the split of the source; ``examples`` are the first
    one or two images.

    Raises:
        InseparableError: a step needs all images at once.
    """
    image_steps: list[ImageStep] = []
    places = torch.arange(len(labels)) if origin.places is None else origin.places
    first = origin.starting_at(origin.first_index, places[: len(examples)])
    for step in steps:
        corruption = step.corruption
        if step.apply_to not in (split, "both") or getattr(corruption, "func", corruption) is none:
            continue
        own = step.own_seed(seed)
        few = labels[: len(examples)]
        new_images, new_labels, _ = corruption(examples, few, own, first)
        if new_images is not examples and new_labels is few:
            image_steps.append(ImageStep(corruption, own, origin, places, labels))
            examples = _by_sample(image_steps[-1], examples, new_images)
        elif new_labels is not few and new_images is examples:
            labels = _without_images(corruption, labels, examples, own, origin)
        else:
            raise InseparableError("a step of it is one of labels and of images at once")
    return labels, image_steps


def _by_sample(step: ImageStep, examples: Tensor, together: Tensor) -> Tensor:
    """The corrupted examples, if they come out one by one as they do together."""
    alone = [step(examples[i : i + 1], slice(i, i + 1)) for i in range(len(examples))]
    if not torch.equal(torch.cat(alone), together):
        raise InseparableError(
            "what it does to an image depends on the other images, or on its place among them "
            "instead of nullfit.corruptions.numbers(origin, n)"
        )
    return together


def _without_images(
    corruption: Corruption, labels: Tensor, examples: Tensor, seed: int, origin: Origin
) -> Tensor:
    """The labels of all samples, where the corruption does not look at images."""
    # Tensors without content: whoever looks into them fails.
    unknown = torch.empty((len(labels), *examples.shape[1:]), device="meta")
    try:
        _, new_labels, _ = corruption(unknown, labels, seed, origin)
        if new_labels.device == labels.device:
            return new_labels
    except (RuntimeError, NotImplementedError):
        pass
    raise InseparableError("what it does to labels depends on the images")
