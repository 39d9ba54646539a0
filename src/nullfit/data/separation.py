"""The steps of a corruption, separated into what happens to labels and what to each image.

Labels fit into memory always, so they are corrupted at once. Images are corrupted by the sample:
what a corruption does to sample i follows from (seed, i), so it may be asked for any samples in
any order. What a step changes is declared; where it is not, it is tried out on two samples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Corruption, Origin, declared
from nullfit.corruptions.step import SplitName, Step
from nullfit.errors import UserError


class InseparableError(Exception):
    """A step needs all images at once; the message says why."""


# What becomes of the images of some samples, and which of the split these are.
ImageChange = Callable[[Tensor, Tensor | slice], Tensor]


@dataclass(frozen=True)
class ImageStep:
    """A corruption of images, with the samples of a split as it finds them.

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
        part = self.part(chosen)
        new, labels, _ = part.together(images)
        if new.shape != images.shape or not torch.equal(labels, part.labels):
            raise UserError(
                "corruption: one of its steps changes the images of some samples and the "
                "labels or shapes of others.\nGive labels and images a step of their own."
            )
        return new

    def part(self, chosen: Tensor | slice) -> "ImageStep":
        """The same for some of its samples."""
        return replace(self, places=self.places[chosen], labels=self.labels[chosen])

    def together(self, images: Float32[Tensor, "n c h w"]) -> Corrupted:
        """All that it does to its samples, given all of their images."""
        origin = self.origin.starting_at(self.origin.first_index, self.places)
        return self.corruption(images, self.labels, self.seed, origin)


def separate(
    steps: Sequence[Step],
    seed: int,
    split: SplitName,
    origin: Origin,
    labels: Int64[Tensor, " n"],
    examples: Float32[Tensor, "m c h w"],
) -> tuple[Int64[Tensor, " n"], list[ImageStep]]:
    """The labels after all steps for a split, and the steps that change its images.

    ``origin`` says where these samples lie in the split of the source; ``examples`` are the first
    one or two images.

    Raises:
        InseparableError: a step needs all images at once.
    """
    image_steps: list[ImageStep] = []
    places = torch.arange(len(labels)) if origin.places is None else origin.places
    for step in steps:
        if step.apply_to not in (split, "both"):
            continue
        by_sample = ImageStep(step.corruption, step.own_seed(seed), origin, places, labels)
        declaration = declared(step.corruption)
        changes = declaration.changes if declaration else _tried(by_sample, examples)
        if changes == {"images"}:
            image_steps.append(by_sample)
            examples = by_sample(examples, slice(0, len(examples)))
        elif changes == {"labels"}:
            labels = _new_labels(by_sample, examples.shape[1:])
        elif changes:
            raise InseparableError("a step of it is one of labels and of images at once")
    return labels, image_steps


def _new_labels(step: ImageStep, shape: torch.Size) -> Tensor:
    """The labels of all samples, where the corruption does not look at images."""
    # Tensors without content: whoever looks into them fails.
    unknown = torch.empty((len(step.labels), *shape), device="meta")
    try:
        images, labels, _ = step.together(unknown)
        if images is unknown and labels.device == step.labels.device:
            return labels
    except (RuntimeError, TypeError):  # torch's, NumPy's
        pass
    raise InseparableError("what it does to labels depends on the images")


def _tried(step: ImageStep, images: Tensor) -> set[str]:
    """What a corruption that declares nothing changes, as far as the first samples show.

    Raises:
        InseparableError: what becomes of an image depends on the others.
    """
    first = step.part(slice(0, len(images)))
    together, labels, _ = first.together(images)
    if (together is images) == (labels is first.labels):
        return {"labels", "images"}
    if together is images:
        return {"labels"}
    alone = [step(images[i : i + 1], slice(i, i + 1)) for i in range(len(images))]
    if not torch.equal(torch.cat(alone), together):
        raise InseparableError(
            "what it does to an image depends on the other images, or on its place among them "
            "instead of nullfit.corruptions.numbers(origin, n)"
        )
    return {"images"}
