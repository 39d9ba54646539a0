"""The k nearest training samples of each sample by its activations, exactly and block by block."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn

from nullfit.data.randomized_data import Split
from nullfit.tasks.prediction_depth.layers import Activations, batches_of
from nullfit.training.evaluation import EVALUATION_BATCH

_HELD = 2**26  # activations of samples that wait for their neighbours: 256 MiB of float32
_PASSING = 2**25  # of a batch of training samples
_PAIRS = 2**24  # distances at once
# Up to so many activations are subtracted one by one: of the outputs of a sure network, nearly
# equal all, the difference of large squares would leave nothing.
_NARROW = 64


@dataclass(frozen=True)
class Nearest:
    """The nearest so far of q samples: distances, ascending, and places in the training set.

    Of equal distances the lower place comes first.
    """

    distances: Float32[Tensor, "q k"]
    places: Int64[Tensor, "q k"]

    @classmethod
    def none(cls, samples: int, device: torch.device) -> "Nearest":
        """Before any was looked at."""
        empty = torch.empty(samples, 0, device=device)
        return cls(empty, empty.long())

    def with_others(
        self, distances: Float32[Tensor, "q b"], places: Int64[Tensor, " b"], k: int
    ) -> "Nearest":
        """The k nearest of these and of samples at higher places, in ascending order."""
        both = torch.cat([self.distances, distances], 1)
        order = torch.sort(both, dim=1, stable=True).indices[:, :k]
        all_places = torch.cat([self.places, places.expand(len(distances), -1)], 1)
        return Nearest(both.gather(1, order), all_places.gather(1, order))


def distances(
    samples: Float[Tensor, "q d"], others: Float[Tensor, "b d"]
) -> Float32[Tensor, "q b"]:
    """Euclidean distances, computed in double precision and rounded to single.

    Rounded, so that samples that are equally far away, such as copies of one, tie.
    """
    a, b = samples.double(), others.double()
    if a.shape[1] <= _NARROW:
        exact = torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")
        return exact.float()
    squares = a.square().sum(1)[:, None] + b.square().sum(1)
    return squares.addmm(a, b.T, alpha=-2).clamp_min(0).sqrt().float()


def majority(labels: Int64[Tensor, "q k"], classes: int) -> Int64[Tensor, " q"]:
    """The most frequent label of each row; of several the one with the lowest number."""
    votes = torch.zeros(len(labels), classes, dtype=torch.int64, device=labels.device)
    votes.scatter_add_(1, labels, torch.ones_like(labels))
    return votes.argmax(1)  # the first of the largest


@dataclass(frozen=True)
class Foretold:
    """What neighbours name after each of the layers, and what the network answers itself."""

    names: tuple[str, ...]
    neighbours: Int64[np.ndarray, "layers n"]
    answers: Int64[np.ndarray, " n"]


@dataclass(frozen=True)
class NeighbourSearch:
    """The k nearest training samples of any samples, by what a network makes of both.

    ``advance`` hears how many pairs of samples were compared.
    """

    network: nn.Module
    train: Split
    k: int
    classes: int
    advance: Callable[[int], None] = lambda _: None

    def of(self, split: Split) -> Foretold:
        """What the neighbours of each sample of a split name, by the labels trained on.

        A training sample is none of its own neighbours.
        """
        ((_, first),) = batches_of(self.network, split, torch.arange(1), 1)
        values = first.values
        held = max(1, min(len(split), _HELD // values, _PAIRS // EVALUATION_BATCH))
        found = [
            self._of_block(split, block, max(1, min(EVALUATION_BATCH, _PASSING // values)))
            for block in torch.arange(len(split)).split(held)
        ]
        named, answers = zip(*found, strict=True)
        return Foretold(
            first.names,
            torch.cat(named, 1).numpy(force=True),
            torch.cat(answers).numpy(force=True),
        )

    def _of_block(
        self, split: Split, block: Int64[Tensor, " q"], size: int
    ) -> tuple[Int64[Tensor, "layers q"], Int64[Tensor, " q"]]:
        own = Activations.joined([a for _, a in batches_of(self.network, split, block, size)])
        device = own.logits.device
        nearest = [Nearest.none(len(block), device) for _ in own.names]
        for places, others in self._training_samples(size):
            same = block[:, None] == places if split is self.train else None
            here = places.to(device)
            for number, (mine, theirs) in enumerate(zip(own.layers, others.layers, strict=True)):
                apart = distances(mine, theirs)
                if same is not None:
                    apart.masked_fill_(same.to(device), torch.inf)
                nearest[number] = nearest[number].with_others(apart, here, self.k)
            self.advance(len(block) * len(places))
        labels = self.train.labels.to(device)
        named = [majority(labels[of.places], self.classes) for of in nearest]
        return torch.stack(named), own.logits.argmax(1)

    def _training_samples(self, size: int) -> Iterator[tuple[Int64[Tensor, " b"], Activations]]:
        return batches_of(self.network, self.train, torch.arange(len(self.train)), size)
