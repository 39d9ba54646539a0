"""Two ways to train many networks on subsets of one training set, a step of each.

Batches of each network's own subset, and batches that all share, in which a network gives what is
not its own no loss. Both train on as many samples of the subsets (70 %): a shared batch is so much
larger. What they compute is not the same to the bit, and tests compare what comes out of it. A
ratio below 1 says that own batches are faster.

    python benchmarks/memorization.py [--repeats 5] [--cores 2] [--tiny]
"""

from collections.abc import Callable, Iterator
from functools import partial

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch
from torch import nn
from torch.nn import functional

from nullfit.fused import Stack
from nullfit.fused.own_batches import OwnBatches
from nullfit.fused.stack_training import Hyperparameters, StackData, train
from nullfit.models.cnn_15x15 import CNN15x15
from nullfit.models.lenet import LeNet
from nullfit.models.mlp import MLP
from nullfit.schedules import constant
from nullfit.tasks.memorization.subset_batches import SharedBatches, subset_loss
from nullfit.tasks.memorization.subsets import Subsets
from side_by_side import Asked, Measurement, Way, compare, main, timed

SHAPE, CLASSES, BATCH, SHARE = (1, 28, 28), 10, 64, 0.7


def measure(asked: Asked) -> Iterator[Measurement]:
    """An epoch of a few hundred samples, of three kinds of networks."""
    samples, members = (100, 2) if asked.tiny else (640, 16)
    networks: dict[str, Callable[[], nn.Module]] = {
        "mlp": lambda: MLP(SHAPE, CLASSES, hidden=[128], bias=True, dropout=0.0),
        "lenet": lambda: LeNet(SHAPE, CLASSES, dropout=0.0),
        "cnn_15x15": lambda: CNN15x15(SHAPE, CLASSES),
    }
    images = torch.rand(samples, *SHAPE)
    labels = torch.randint(CLASSES, (samples,))
    subsets = Subsets(samples, (SHARE,), seed=0)
    chosen = torch.stack([subsets.of(number) for number in range(members)])
    for name, make in networks.items():
        own = _epoch(make, OwnBatches(images, chosen, labels[chosen]), BATCH, members)
        shared = SharedBatches.of(images, labels, chosen)
        together = _epoch(make, shared, round(BATCH / SHARE), members)
        yield compare(f"memorization/{name}", together, own, asked)


def _epoch(make: Callable[[], nn.Module], data: StackData, batch: int, members: int) -> Way:
    stack = Stack.of([make() for _ in range(members)])
    sgd = partial(torch.optim.SGD, lr=0.01, momentum=0.9)
    loss = subset_loss if data.shared else functional.cross_entropy
    return timed(lambda: train(stack, data, Hyperparameters(sgd, constant, 1, batch, 0), loss))


if __name__ == "__main__":
    main(__doc__, measure, repeats=5)
