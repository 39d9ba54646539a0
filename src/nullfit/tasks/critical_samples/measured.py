"""Critical samples and loss sensitivity of the networks of one training, epoch by epoch."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor, nn

from nullfit.data.randomized_data import Split
from nullfit.losses import Loss
from nullfit.results.stored_arrays import StoredArrays
from nullfit.seeds import generator
from nullfit.tasks.critical_samples.search import Box, critical, gini, loss_sensitivity
from nullfit.training.evaluation import prepared_images

KINDS = ("train", "untouched", "corrupted", "test")
_BATCH = 500


@dataclass(frozen=True)
class Batch:
    """Some samples as a network gets them, and what whitening divided them by."""

    images: Tensor
    labels: Int64[Tensor, " n"]
    divisors: Tensor


@dataclass(frozen=True)
class Critical(StoredArrays):
    """By epoch and sample: those of the training set, then those of the test set.

    ``indices`` are places in the split of a sample; ``corrupted`` and ``test`` say what it is.
    ``sensitivity`` is ‖∂L/∂x‖₁, x in units of a pixel's range.
    """

    prefix: ClassVar[str] = "critical_samples_"

    epochs: Int64[np.ndarray, " epochs"]
    indices: Int64[np.ndarray, " n"]
    corrupted: Bool[np.ndarray, " n"]
    test: Bool[np.ndarray, " n"]
    critical: Bool[np.ndarray, "epochs n"]
    sensitivity: Float64[np.ndarray, "epochs n"]

    def chosen(self, kind: str) -> Bool[np.ndarray, " n"]:
        """Which samples are of one of `KINDS`."""
        of_kind: dict[str, np.ndarray] = {
            "train": ~self.test,
            "untouched": ~self.test & ~self.corrupted,
            "corrupted": ~self.test & self.corrupted,
            "test": self.test,
        }
        return of_kind[kind]

    def fields(self) -> dict[str, Any]:
        """The numbers of result.json by kind: lists have a value for each epoch."""
        counts = {kind: int(self.chosen(kind).sum()) for kind in KINDS}
        ratios, slopes, means, spreads = ({} for _ in range(4))
        for kind in (kind for kind in KINDS if counts[kind]):
            of = self.chosen(kind)
            ratios[kind] = self.critical[:, of].mean(1).tolist()
            slopes[kind] = self.sensitivity[:, of].mean(1).tolist()
            average = self.sensitivity[:, of].mean(0)
            spread = gini(torch.from_numpy(average))
            means[kind] = float(average.mean())
            spreads[kind] = spread if math.isfinite(spread) else None
        return {
            "epochs": self.epochs.tolist(),
            "samples": counts,
            "critical_sample_ratio": ratios,
            "loss_sensitivity": slopes,
            "mean_loss_sensitivity": means,
            "gini_of_loss_sensitivity": spreads,
        }


@dataclass(frozen=True)
class Part:
    """The samples of a split that are looked at: as the network gets them, and not whitened.

    ``indices`` are their places in the split.
    """

    name: str
    whitened: Split
    unwhitened: Split
    indices: Int64[Tensor, " n"]

    def __len__(self) -> int:
        return len(self.indices)

    def batches(self, divisors: Callable[[Tensor], Tensor], weight: Tensor) -> Iterator[Batch]:
        """All of them, ``weight`` being one of the network's; ``divisors`` are of raw images."""
        chosen = torch.arange(len(self)).split(_BATCH)
        both = (
            prepared_images(split.pixels, split.prepare, chosen)
            for split in (self.whitened, self.unwhitened)
        )
        for own, images, raw in zip(chosen, *both, strict=True):
            labels = self.whitened.labels[own]
            yield Batch(images.to(weight), labels.to(weight.device), divisors(raw).to(weight))


def measured(
    network: nn.Module,
    parts: Sequence[Part],
    divisors: Callable[[Tensor], Tensor],
    epochs: Sequence[int],
    load: Callable[[int], None],
    box: Box,
    loss: Loss,
    seed: int,
    advance: Callable[[float], None],
) -> Critical:
    """Measure after each epoch; ``load`` puts its weights into the network.

    The search draws from (seed, split, batch), so that it is the same for all epochs. ``advance``
    hears of how many samples are done.
    """
    network.eval()
    weight = next(network.parameters())
    batches = [(part, list(part.batches(divisors, weight))) for part in parts]
    found, slopes = [], []
    for epoch in epochs:
        load(epoch)
        row, slope = [], []
        for part, of_part in batches:
            for number, batch in enumerate(of_part):
                draws = generator(seed, "critical_samples", part.name, number)
                row.append(critical(network, batch.images, batch.divisors, box, draws))
                slope.append(
                    loss_sensitivity(network, batch.images, batch.labels, batch.divisors, loss)
                )
                advance(len(batch.labels))
        found.append(torch.cat(row).numpy(force=True))
        slopes.append(torch.cat(slope).numpy(force=True))
    tests = [torch.full((len(part),), part.name == "test") for part in parts]
    changed = [part.whitened.label_changed.cpu() for part in parts]
    return Critical(
        epochs=np.array(epochs, dtype=np.int64),
        indices=torch.cat([part.indices.cpu() for part in parts]).numpy(),
        corrupted=torch.cat(changed).numpy(),
        test=torch.cat(tests).numpy(),
        critical=np.stack(found),
        sensitivity=np.stack(slopes),
    )
