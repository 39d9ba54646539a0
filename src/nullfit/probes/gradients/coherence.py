"""How well the gradients of samples agree.

The coherence of n gradients is ‖E g‖² / E ‖g‖² (Chatterjee and Zielinski 2022, "On the
Generalization Mystery in Deep Learning", arXiv 2203.10036; Chatterjee, "Coherent Gradients", ICLR
2020, arXiv 2002.10657): 1 if all are equal, 1/n if they are orthogonal, less if they cancel.

Pairs of different samples, of one class or of two, as Fort et al. take them ("Stiffness", 2019,
arXiv 1901.09491), split it: mean inner products over E ‖g‖², which are 0 for orthogonal gradients
whatever n is. With the shares w and b that pairs i ≠ j of one class and of two have among all n²,

    coherence = 1/n + w · within + b · between.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor, nn

from nullfit.losses import Loss
from nullfit.probes.gradients.sample_gradients import Layer, batch_gradients

KINDS = ("all", "untouched", "corrupted")
MEASURES = ("coherence", "within", "between", "square_norm")
_BATCH = 500  # samples of one class and kind in a pass


@dataclass(frozen=True)
class Samples:
    """Ready images with the labels trained on, and which of them a corruption changed."""

    images: Tensor
    labels: Int64[Tensor, " n"]
    changed: Bool[Tensor, " n"]


@dataclass(frozen=True)
class _Sums:
    """Of one kind of samples: Σ‖g‖², ‖Σ g‖², and over the classes Σ‖Σ g‖², by layer."""

    counts: list[int]  # of samples by class
    squares: Float64[Tensor, " rows"]
    whole: Float64[Tensor, " rows"]
    by_class: Float64[Tensor, " rows"]

    def measures(self) -> Float64[Tensor, "rows measures"]:
        """In the order of `MEASURES`; NaN where there are no such samples or pairs."""
        n = sum(self.counts)
        same = sum(count * (count - 1) for count in self.counts)
        other = n * n - n - same
        mean = self.squares / (n or math.nan)
        return torch.stack(
            [
                self.whole / (n or math.nan) ** 2 / mean,
                (self.by_class - self.squares) / (same or math.nan) / mean,
                (self.whole - self.by_class) / (other or math.nan) / mean,
                mean,
            ],
            1,
        )


@dataclass(frozen=True)
class _Part:
    """Of some samples: how many there are, Σ g by weight (none of no samples), Σ‖g‖² by layer."""

    count: int
    sums: dict[str, Tensor]
    squares: Float64[Tensor, " layers"]

    def __add__(self, other: "_Part") -> "_Part":
        sums = dict(self.sums)
        for name, more in other.sums.items():
            sums[name] = sums[name] + more if name in sums else more
        return _Part(self.count + other.count, sums, self.squares + other.squares)

    def norms(self, layers: list[Layer]) -> Float64[Tensor, " layers"]:
        """‖Σ g‖² by layer."""
        if not self.sums:
            return torch.zeros_like(self.squares)
        lengths = {
            name: float(torch.linalg.vector_norm(values, dtype=torch.float64))
            for name, values in self.sums.items()
        }
        by_layer = [sum(lengths[name] ** 2 for name in layer.weights) for layer in layers]
        return torch.tensor(by_layer, dtype=torch.float64)


def coherence(
    network: nn.Module, layers: list[Layer], samples: Samples, loss: Loss
) -> Float64[Tensor, "kinds rows measures"]:
    """The `MEASURES` of each of `KINDS` in each layer, then in all layers as one vector.

    The gradients of a class are summed up one class after the other: besides those of a few samples
    there are some vectors as long as all weights, however many classes there are.
    """
    nothing = _Part(0, {}, torch.zeros(len(layers), dtype=torch.float64))
    totals = dict.fromkeys(KINDS, nothing)
    by_class = {kind: torch.zeros(len(layers), dtype=torch.float64) for kind in KINDS}
    counts: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for label in samples.labels.unique().tolist():
        of_class = samples.labels == label
        untouched, corrupted = (
            sum(_parts(network, layers, samples, of_class & chosen, loss), start=nothing)
            for chosen in (~samples.changed, samples.changed)
        )
        for kind, part in zip(KINDS, (untouched + corrupted, untouched, corrupted), strict=True):
            counts[kind].append(part.count)
            by_class[kind] += part.norms(layers)
            totals[kind] += part
    return torch.stack(
        [
            _Sums(
                counts[kind],
                _with_all(totals[kind].squares),
                _with_all(totals[kind].norms(layers)),
                _with_all(by_class[kind]),
            ).measures()
            for kind in KINDS
        ]
    )


def _parts(
    network: nn.Module,
    layers: list[Layer],
    samples: Samples,
    chosen: Bool[Tensor, " n"],
    loss: Loss,
) -> Iterator[_Part]:
    """A pass for each batch of the chosen samples."""
    for part in chosen.nonzero().flatten().split(_BATCH):
        if len(part):
            images, labels = samples.images[part], samples.labels[part]
            found = batch_gradients(network, layers, images, labels, loss)
            yield _Part(len(part), found.sums, found.squares.sum(0).cpu())


def _with_all(by_layer: Float64[Tensor, " layers"]) -> Float64[Tensor, " rows"]:
    return torch.cat([by_layer, by_layer.sum()[None]])
