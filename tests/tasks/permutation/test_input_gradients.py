"""Derivatives against autograd, one sample and one network at a time."""

import pytest
import torch
from torch import nn

from nullfit.fused import Stack
from nullfit.models.cnn_15x15 import CNN15x15
from nullfit.models.mlp import MLP
from nullfit.tasks.permutation.chain import chain_of, worthwhile
from nullfit.tasks.permutation.input_gradients import (
    backward_moments,
    closed_form_moments,
    gradient_moments,
    input_gradients,
)
from nullfit.tasks.permutation.piecewise_linear import PiecewiseLinear
from nullfit.tasks.permutation.training_sets import Columns, TrainingSets


def convolutional():
    return nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(3, 4, 2), nn.ReLU(inplace=True), nn.Flatten(), nn.Dropout(0.5), nn.Linear(16, 5),
    )  # fmt: skip


NETWORKS = {
    "cnn_15x15": (lambda: CNN15x15((1, 16, 16), 10), (1, 16, 16)),
    "mlp": (lambda: MLP((1, 3, 4), 5, hidden=[7], bias=True, dropout=0.0), (1, 3, 4)),
    "wide": (lambda: MLP((1, 3, 4), 5, hidden=[30], bias=True, dropout=0.0), (1, 3, 4)),
    "deep": (lambda: MLP((1, 3, 4), 5, hidden=[9, 8], bias=False, dropout=0.2), (1, 3, 4)),
    "linear": (lambda: MLP((1, 3, 4), 5, hidden=[], bias=True, dropout=0.0), (1, 3, 4)),
    "regression": (lambda: MLP((1, 1, 6), 1, hidden=[7], bias=True, dropout=0.0), (1, 1, 6)),
    "convolutional": (convolutional, (2, 6, 6)),
}


def stack_of(name, members=3):
    make, shape = NETWORKS[name]
    networks = []
    for seed in range(members):
        torch.manual_seed(seed)
        network = make().double()
        for weight in network.parameters():
            weight.data += 0.3 * torch.randn_like(weight)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
        networks.append(network)
    return Stack.of(networks), shape


def one_at_a_time(stack, member, inputs):
    network = stack.network(member).eval()
    found = []
    for sample in inputs:
        point = sample[None].clone().requires_grad_()
        network(point)[0].max().backward()
        found.append(point.grad[0])
    return torch.stack(found)


def ignore(samples):
    """No progress."""


@pytest.mark.parametrize("name", NETWORKS)
def test_backward_passes_are_exact(name):
    stack, shape = stack_of(name)
    torch.manual_seed(9)
    inputs = torch.randn(6, *shape, dtype=torch.float64)
    found = input_gradients(stack, inputs, shared=True)
    for member in range(3):
        torch.testing.assert_close(found[member], one_at_a_time(stack, member, inputs))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("shared", [True, False])
def test_the_closed_form_is_exact(name, shared):
    stack, shape = stack_of(name)
    torch.manual_seed(9)
    inputs = torch.randn(*(() if shared else (3,)), 40, *shape, dtype=torch.float64)
    chain = chain_of(stack.network(0), shape)
    assert chain is not None
    closed = PiecewiseLinear(stack, chain, shape)
    sums = closed.sums(slice(0, 3))
    sums.add(inputs, shared)
    first, second = sums.totals()
    each = [one_at_a_time(stack, k, inputs if shared else inputs[k]).flatten(1) for k in range(3)]
    torch.testing.assert_close(first, torch.stack([g.sum(0) for g in each]))
    torch.testing.assert_close(second, torch.stack([g.square().sum(0) for g in each]))


def test_the_gram_matrix_is_used_where_it_is_smaller():
    for name, by_gram in [("mlp", True), ("wide", False), ("linear", False)]:
        stack, shape = stack_of(name)
        chain = chain_of(stack.network(0), shape)
        assert PiecewiseLinear(stack, chain, shape).by_gram == by_gram


@pytest.mark.parametrize("moments", ["closed", "backward", "chosen"])
def test_moments_over_blocks_and_replaced_columns(moments, monkeypatch):
    monkeypatch.setattr("nullfit.tasks.permutation.input_gradients._BACKWARD_BLOCK", 16)
    monkeypatch.setattr("nullfit.tasks.permutation.input_gradients._BACKWARD_SAMPLES", 32)
    monkeypatch.setattr("nullfit.tasks.permutation.piecewise_linear._BLOCK", 16)
    monkeypatch.setattr("nullfit.tasks.permutation.piecewise_linear._BLOCK_VALUES", 2 * 16 * 7)
    stack, shape = stack_of("mlp")
    stack = Stack.of([stack.network(k).float() for k in range(3)])
    torch.manual_seed(9)
    inputs, values = torch.randn(40, *shape), torch.randn(3, 40, 2)
    positions = torch.tensor([[0, 5], [3, 3], [7, 1]])
    values[1, :, 1] = values[1, :, 0]
    replaced = Columns(positions, values)
    sets = TrainingSets(inputs, torch.zeros(3, 40, dtype=torch.int64), replaced=replaced)
    closed = PiecewiseLinear(stack, chain_of(stack.network(0), shape), shape)
    found = {
        "closed": lambda: closed_form_moments(closed, 3, sets, ignore),
        "backward": lambda: backward_moments(stack, sets, ignore),
        "chosen": lambda: gradient_moments(stack, sets, ignore),
    }[moments]()
    for k in range(3):
        own = inputs.flatten(1).clone()
        own[:, positions[k]] = values[k]
        each = one_at_a_time(stack, k, own.reshape(40, *shape)).flatten(1).double()
        torch.testing.assert_close(found.mean[k], each.mean(0), atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(found.square[k], each.square().mean(0), atol=1e-6, rtol=1e-5)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.active, self.last = nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2)

    def forward(self, inputs):
        return self.last(inputs + self.active(self.first(inputs)))


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, inputs):
        return self.last(self.first(inputs).mul_(2))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.active, self.last = nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4)
        self.last.weight = self.first.weight

    def forward(self, inputs):
        return self.last(self.active(self.first(inputs)))


@pytest.mark.parametrize(
    "network",
    [
        Residual(),
        Scaled(),
        Tied(),
        nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2)),
        nn.Sequential(nn.Unflatten(1, (1, 4)), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(2, 2)),
    ],
    ids=["residual", "in place", "tied", "tanh", "max-pool"],
)
def test_what_is_no_chain_goes_by_backward_passes(network):
    assert chain_of(network, (4,)) is None
    stack = Stack.of([network])
    inputs = torch.randn(5, 4)
    found = input_gradients(stack, inputs, shared=True)
    torch.testing.assert_close(found[0], one_at_a_time(stack, 0, inputs))


def test_large_convolutions_are_not_made_dense():
    network = nn.Sequential(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(28800, 10))
    assert not worthwhile(chain_of(network, (3, 32, 32)), network, (3, 32, 32))
    small = CNN15x15((1, 28, 28), 10)
    assert worthwhile(chain_of(small, (1, 28, 28)), small, (1, 28, 28))
