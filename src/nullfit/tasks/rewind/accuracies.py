"""Accuracies of a network with each layer put back to each kept epoch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor, nn

from nullfit.data.randomized_data import RandomizedData
from nullfit.results.stored_arrays import StoredArrays
from nullfit.tasks.rewind.layers import Layer, put_back
from nullfit.training.measures import of_split

State = Mapping[str, Tensor]


@dataclass(frozen=True)
class Parts:
    """Accuracies on three sets, fractions; those on the training set are by its labels.

    ``untouched`` are training samples whose label is the true one, ``corrupted`` the others (NaN
    where there are none of a kind), ``test`` is the test set.
    """

    untouched: float
    corrupted: float
    test: float

    @classmethod
    def of(cls, network: nn.Module, data: RandomizedData) -> "Parts":
        """Those of a network in evaluation mode."""
        train, changed = of_split(network, data.train), data.train.label_changed
        return cls(
            untouched=train.accuracy_against(data.train.labels, among=~changed),
            corrupted=train.accuracy_against(data.train.labels, among=changed),
            test=of_split(network, data.test).accuracy,
        )


@dataclass(frozen=True)
class Accuracies(StoredArrays):
    """Accuracies by layer and epoch; the last row is of all layers together."""

    prefix: ClassVar[str] = "rewind_"

    epochs: Int64[np.ndarray, " epochs"]
    untouched: Float64[np.ndarray, "rows epochs"]
    corrupted: Float64[np.ndarray, "rows epochs"]
    test: Float64[np.ndarray, "rows epochs"]


def rewound(
    network: nn.Module,
    data: RandomizedData,
    layers: Sequence[Layer],
    epochs: Sequence[int],
    read: Callable[[int], State],
    advance: Callable[[], None],
) -> Accuracies:
    """Put each layer, and all of them, back to each epoch, and measure (Zhang et al. 2019).

    ``read`` gives the weights after an epoch. The network is left as it was. ``advance`` is called
    after each of (layers + 1) × epochs measurements.
    """
    final = {name: value.clone() for name, value in network.state_dict().items()}
    found = np.empty((3, len(layers) + 1, len(epochs)))
    for column, epoch in enumerate(epochs):
        earlier = read(epoch)
        states = [put_back(final, earlier, layer) for layer in layers]
        for row, state in enumerate([*states, earlier]):
            network.load_state_dict(dict(state))
            parts = Parts.of(network, data)
            found[:, row, column] = parts.untouched, parts.corrupted, parts.test
            advance()
    network.load_state_dict(final)
    return Accuracies(torch.tensor(list(epochs)).numpy(), *found)
