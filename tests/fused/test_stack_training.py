"""Training a stack with nothing written: when it ends."""

import torch
from torch.nn import functional

from nullfit.fused import Stack
from nullfit.fused.own_batches import OwnBatches
from nullfit.fused.stack_training import Hyperparameters, train
from nullfit.models.mlp import MLP
from nullfit.schedules import constant

IMAGES = torch.randn(10, 1, 1, 3, generator=torch.Generator().manual_seed(0))
SAMPLES = torch.arange(10).repeat(2, 1)
DATA = OwnBatches(IMAGES, SAMPLES, SAMPLES % 2)


def stack():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Stack.of([MLP((1, 1, 3), 2, hidden=[4], bias=True, dropout=0.0) for _ in range(2)])


def trained(epochs, **settings):
    made = stack()

    def sgd(weights):
        return torch.optim.SGD(weights, lr=0.1)

    hyperparameters = Hyperparameters(sgd, constant, epochs, 10, seed=0)
    train(made, DATA, hyperparameters, functional.cross_entropy, **settings)
    return made


def test_a_training_that_ends_early_is_one_of_as_many_epochs() -> None:
    heard = []

    def ended(epoch, losses):
        heard.append((epoch, losses))
        return epoch == 2

    early, whole = trained(9, ended=ended), trained(3)
    assert [epoch for epoch, _ in heard] == [0, 1, 2]
    for name, weight in early.weights.items():
        assert torch.equal(weight, whole.weights[name])
    logits = stack().logits(IMAGES, shared=True)
    first = torch.stack([functional.cross_entropy(of, SAMPLES[0] % 2) for of in logits])
    assert torch.allclose(heard[0][1], first)
