"""How well a network does on a set of images, measured exactly."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.losses import Loss, cross_entropy
from nullfit.training.margins import margins

# Large enough to keep a CPU busy, small enough for the activations of Inception.
EVALUATION_BATCH = 500
# Of larger images fewer at a time: 64 MiB of float32.
_MOST_VALUES = 2**24

Prepare = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Evaluation:
    """Predictions, losses and margins of a network on n samples, in their order."""

    labels: Int64[Tensor, " n"]
    predictions: Int64[Tensor, " n"]
    losses: Float[Tensor, " n"]
    margins: Float[Tensor, " n"]

    @property
    def loss(self) -> float:
        """Its mean over the samples: cross-entropy in nats, unless another was asked for."""
        return float(self.losses.double().mean())

    @property
    def accuracy(self) -> float:
        """Share of samples whose prediction is their label, from 0 to 1."""
        return self.accuracy_against(self.labels)

    def accuracy_against(
        self, labels: Int64[Tensor, " n"], among: Bool[Tensor, " n"] | None = None
    ) -> float:
        """The same against other labels, or among some samples only (NaN if there are none)."""
        correct = self.predictions == labels
        chosen = correct if among is None else correct[among]
        return int(chosen.sum()) / len(chosen) if len(chosen) else math.nan


@torch.no_grad()
def evaluate(
    network: nn.Module,
    images: Float[Tensor, "n c h w"] | LazyImages,
    labels: Int64[Tensor, " n"],
    prepare: Prepare | None = None,
    batch_size: int = EVALUATION_BATCH,
    loss: Loss = cross_entropy,
) -> Evaluation:
    """One pass in evaluation mode, without augmentation; the network's mode is restored.

    ``prepare(images, samples)`` is applied to each batch first (crop, corruption and whitening,
    where they are not done in advance); ``samples`` are the indices of the images.
    """
    found = evaluate_reaching(0.0, network, images, labels, prepare, batch_size, loss=loss)
    assert found is not None  # every accuracy reaches 0
    return found


@torch.no_grad()
def evaluate_reaching(
    accuracy: float,
    network: nn.Module,
    images: Float[Tensor, "n c h w"] | LazyImages,
    labels: Int64[Tensor, " n"],
    prepare: Prepare | None = None,
    batch_size: int = EVALUATION_BATCH,
    samples: slice | None = None,
    loss: Loss = cross_entropy,
) -> Evaluation | None:
    """The same if it comes to at least this ``accuracy``; None as soon as it no longer can.

    A few batches suffice for a network that is far from it. ``samples`` are those to be
    evaluated; all of them by default.
    """
    indices = torch.arange(len(labels))[samples or slice(None)]
    labels = labels[samples or slice(None)]
    was_training = network.training
    network.eval()
    # Made beforehand: small tensors kept batch after batch between the large ones of the network
    # would keep memory from being used again, and the process would grow with the set.
    predictions, losses = torch.empty_like(labels), torch.empty(len(labels), device=labels.device)
    above = torch.empty_like(losses)  # margins
    errors = torch.zeros((), dtype=torch.int64, device=labels.device)
    done, size = 0, min(batch_size, max(1, _MOST_VALUES // images.shape[1:].numel()))
    chosen = indices.split(size)
    batches = zip(chosen, images_of(images, chosen), labels.split(size), strict=True)
    for own, batch, target in batches:
        logits = logits_of(network, batch, prepare, own)
        on_device = target.to(logits.device)
        batch_losses = loss(logits, on_device, "none")
        # Known from the first batch on.
        losses, above = losses.to(batch_losses.dtype), above.to(logits.dtype)
        part = slice(done, done + len(target))
        losses[part], predictions[part] = batch_losses, logits.argmax(1)
        above[part] = margins(logits, on_device)
        done = part.stop
        if accuracy > 0:
            errors += (predictions[part] != target).sum()
            if not can_reach(accuracy, len(labels), int(errors)):
                break
    network.train(was_training)
    if accuracy > 0 and not can_reach(accuracy, len(labels), int(errors)):
        return None
    return Evaluation(labels, predictions, losses, above)


def logits_of(
    network: nn.Module,
    images: Float[Tensor, "n c h w"],
    prepare: Prepare | None,
    samples: Int64[Tensor, " n"],
) -> Float[Tensor, "n classes"]:
    """What a network makes of a batch, which is brought to its weights' device and type for it.

    Images are kept in float32 on the CPU whatever a run computes in and on. ``samples`` are their
    places in the split, which ``prepare`` gets.
    """
    ready = images if prepare is None else prepare(images, samples)
    weight = next(network.parameters(), ready)
    logits: Tensor = network(ready.to(weight.device, weight.dtype))
    return logits


def images_of(images: Tensor | LazyImages, batches: Sequence[Tensor]) -> Iterable[Tensor]:
    """The images of neighbouring samples, batch by batch."""
    if isinstance(images, LazyImages):
        return images.batches(batches)
    return (images[int(batch[0]) : int(batch[-1]) + 1] for batch in batches)


def prepared_images(
    images: Tensor | LazyImages, prepare: Prepare | None, batches: Sequence[Tensor]
) -> Iterator[Float[Tensor, "m c h w"]]:
    """`images_of` as a network is to get them: after ``prepare``, if there is one."""
    for samples, found in zip(batches, images_of(images, batches), strict=True):
        yield found if prepare is None else prepare(found, samples)


def can_reach(accuracy: float, samples: int, errors: int) -> bool:
    """Whether so many errors still allow for this accuracy, computed as `Evaluation.accuracy`."""
    return (samples - errors) / samples >= accuracy


def confusion_matrix(evaluation: Evaluation, classes: int) -> Int64[Tensor, "classes classes"]:
    """Counts: entry (i, j) is how many samples with label i were given class j."""
    pairs = evaluation.labels * classes + evaluation.predictions
    return pairs.bincount(minlength=classes**2).reshape(classes, classes)
