"""Which samples each network is trained on, and in which batches."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch.nn import functional

from nullfit.errors import UserError
from nullfit.fused import Stack
from nullfit.fused.own_batches import OwnBatches
from nullfit.fused.stack_training import Hyperparameters, train
from nullfit.models.cnn_15x15 import CNN15x15
from nullfit.models.lenet import LeNet
from nullfit.models.mlp import MLP
from nullfit.models.wide_resnet import WideResNet
from nullfit.schedules import constant
from nullfit.tasks.memorization.subset_batches import (
    SharedBatches,
    share_batches,
    subset_loss,
)
from nullfit.tasks.memorization.subsets import Subsets


def test_subsets_have_their_size_and_follow_from_seed_and_number() -> None:
    subsets = Subsets(100, (0.7, 0.25), seed=3)
    assert [int(subsets.mask(k).sum()) for k in range(4)] == [70, 25, 70, 25]
    assert torch.equal(subsets.of(5), Subsets(100, (0.7, 0.25), seed=3).of(5))
    assert not torch.equal(subsets.of(5), Subsets(100, (0.7, 0.25), seed=4).of(5))


def test_subsets_are_uniform_and_independent() -> None:
    subsets = Subsets(20, (0.7,), seed=0)
    masks = np.stack([subsets.mask(k).numpy() for k in range(4000)])
    limit = stats.norm.isf(1e-6)
    assert np.abs(masks.mean(0) - 0.7).max() < limit * np.sqrt(0.21 / 4000)
    pairs = np.corrcoef(masks.T)[np.triu_indices(20, 1)]  # -1 / 19 without replacement
    assert np.abs(pairs + 1 / 19).max() < limit / np.sqrt(4000)
    in_a_row = (masks[1:] == masks[:-1]).mean()
    assert abs(in_a_row - 0.58) < limit * 0.5 / np.sqrt(masks[1:].size / 20)


@pytest.mark.parametrize("shares", [(0.5,), (0.2, 0.5, 0.8)])
def test_groups_hold_each_training_once_and_one_share_and_order_each(shares) -> None:
    subsets = Subsets(10, shares, seed=0)
    groups = list(subsets.groups(500, most=20))
    assert sorted(k for group in groups for k in group) == list(range(500))
    for group in groups:
        assert len(group) <= 20
        assert len({k % len(shares) for k in group}) == 1
        assert len({subsets.order_seed(k, 0) for k in group}) == 1


def test_the_groups_of_fewer_trainings_have_the_same_orders() -> None:
    subsets = Subsets(10, (0.5,), seed=0)
    assert {subsets.order_seed(k, 1) for k in range(64)} == {subsets.order_seed(0, 1)}
    assert subsets.order_seed(64, 1) != subsets.order_seed(63, 1)


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_a_share_that_leaves_nobody_in_or_out_is_refused(share) -> None:
    with pytest.raises(UserError, match="leaves nobody"):
        Subsets(100, (share,), seed=0).of(0)


def network(seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return MLP((1, 4, 4), 3, hidden=[5], bias=True, dropout=0.0).double()


def data(samples=30):
    random = torch.Generator().manual_seed(0)
    images = torch.randn(samples, 1, 4, 4, generator=random, dtype=torch.float64)
    return images, torch.randint(3, (samples,), generator=random)


def hyperparameters(batch_size, epochs=3):
    def sgd(weights):
        return torch.optim.SGD(weights, lr=0.1, momentum=0.9)

    return Hyperparameters(sgd, constant, epochs, batch_size, seed=7)


def test_own_batches_train_each_network_as_alone_on_its_subset() -> None:
    images, labels = data()
    subsets = torch.stack([Subsets(30, (0.5,), 0).of(k) for k in range(4)])
    together = Stack.of([network(k) for k in range(4)])
    loss = functional.cross_entropy
    train(together, OwnBatches(images, subsets, labels[subsets]), hyperparameters(4), loss)
    for member in range(4):
        alone = Stack.of([network(member)])
        chosen = subsets[member]
        own = OwnBatches(images[chosen], torch.arange(15)[None], labels[chosen][None])
        train(alone, own, hyperparameters(4), loss)
        for name, weight in alone.weights.items():
            assert torch.allclose(together.weights[name][member], weight[0], atol=1e-12)


def test_shared_batches_train_each_network_on_its_subset_alone() -> None:
    images, labels = data()
    subsets = torch.stack([Subsets(30, (0.5,), 0).of(k) for k in range(4)])
    together = Stack.of([network(k) for k in range(4)])
    train(together, SharedBatches.of(images, labels, subsets), hyperparameters(8), subset_loss)
    # What is left out may be anything: weights do not depend on it.
    for member in range(4):
        other = images.clone()
        outside = torch.ones(30, dtype=torch.bool)
        outside[subsets[member]] = False
        other[outside] = 1e3
        alone = Stack.of([network(member)])
        batches = SharedBatches.of(other, labels, subsets[member : member + 1])
        train(alone, batches, hyperparameters(8), subset_loss)
        for name, weight in alone.weights.items():
            assert torch.allclose(together.weights[name][member], weight[0], atol=1e-12)


def test_whole_batches_of_a_subset_have_the_loss_of_batches_of_its_own() -> None:
    logits = torch.randn(6, 3, dtype=torch.float64)
    labels = torch.tensor([0, 2, 1, 1, 0, 2])
    targets = labels.clone()
    targets[[1, 4]] = -100
    kept = targets >= 0
    expected = functional.cross_entropy(logits[kept], labels[kept])
    assert subset_loss(logits, targets) == pytest.approx(float(expected))
    assert subset_loss(logits, torch.full_like(labels, -100)) == 0


def test_networks_of_one_convolution_share_batches_and_batch_norm_sees_its_own() -> None:
    mlp, cnn, lenet = network(0), CNN15x15((1, 28, 28), 10), LeNet((1, 28, 28), 10, dropout=0.0)
    norms = WideResNet((3, 32, 32), 10, depth=10, width=1, dropout=0.0)
    chosen = [share_batches("auto", net, "x") for net in (mlp, cnn, lenet, norms)]
    assert chosen == [False, True, False, False]
    assert share_batches("shared", mlp, "x")
    with pytest.raises(UserError, match="batch norm would see"):
        share_batches("shared", norms, "wide_resnet_10")
