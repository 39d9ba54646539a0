"""Coherence and its parts, against gradients that are made one by one."""

import math

import pytest
import torch
from torch import nn

from nullfit.losses import cross_entropy, mse
from nullfit.models import LeNet, WideResNet
from nullfit.probes.gradients import sample_gradients
from nullfit.probes.gradients.coherence import KINDS, MEASURES, Samples, coherence
from nullfit.probes.gradients.sample_gradients import batch_gradients, layers_of

N, CLASSES = 24, 3


class Tied(nn.Module):
    """One linear layer twice in a pass, one whose weight another module has, one on tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4, bias=False)
        self.third = nn.Linear(4, 4, bias=False)
        self.third.weight = self.second.weight
        self.tokens = nn.Linear(2, 2)
        self.scale = nn.Parameter(torch.ones(()))
        self.head = nn.Linear(4, CLASSES)

    def forward(self, x):
        x = self.first(torch.tanh(self.first(x.flatten(1))))
        x = self.third(torch.relu_(self.second(x))) * self.scale
        return self.head(self.tokens(x.unflatten(1, (2, 2))).flatten(1))


def mlp() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(4, 6), nn.ReLU(inplace=True), nn.Linear(6, CLASSES, bias=False)
    )


NETWORKS = {
    "mlp": (mlp, (1, 2, 2)),
    "convolutions": (lambda: LeNet((1, 16, 16), CLASSES, dropout=0.0), (1, 16, 16)),
    "batch norm": (
        lambda: WideResNet((1, 8, 8), CLASSES, depth=10, width=1, dropout=0.3),
        (1, 8, 8),
    ),
    "odd layers": (Tied, (1, 2, 2)),
}


def made(name: str, seed: int = 0) -> tuple[nn.Module, Samples]:
    factory, shape = NETWORKS[name]
    torch.manual_seed(seed)
    network = factory().double()
    images = torch.randn(N, *shape, dtype=torch.float64)
    network.train()(images)  # running moments of its own
    labels = torch.arange(N) % CLASSES
    return network.eval(), Samples(images, labels, torch.rand(N) < 0.4)


def one_by_one(network: nn.Module, samples: Samples, loss=cross_entropy) -> dict[str, torch.Tensor]:
    """By layer the gradient of each sample, n × parameters, from a pass of its own."""
    layers = layers_of(network)
    weights = dict(network.named_parameters())
    found: dict[str, list[torch.Tensor]] = {layer.name: [] for layer in layers}
    for image, label in zip(samples.images, samples.labels, strict=True):
        network.zero_grad()
        loss(network(image[None]), label[None]).backward()
        for layer in layers:
            grads = [weights[name].grad.flatten() for name in layer.weights]
            found[layer.name].append(torch.cat(grads))
    network.zero_grad()
    return {name: torch.stack(rows) for name, rows in found.items()}


def by_pairs(gradients: torch.Tensor, labels: torch.Tensor) -> list[float]:
    """The measures by the products of all pairs of samples."""
    mean = gradients.square().sum(1).mean()
    products, same = gradients @ gradients.T, labels[:, None] == labels
    pairs = ~torch.eye(len(labels), dtype=torch.bool)
    whole = gradients.mean(0).square().sum() / mean
    within, between = (products[pairs & of].mean() / mean for of in (same, ~same))
    return [float(value) for value in (whole, within, between, mean)]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("loss", [cross_entropy, mse])
def test_every_measure_is_that_of_gradients_made_one_by_one(name, loss, monkeypatch) -> None:
    monkeypatch.setattr(sample_gradients, "_MOST_VALUES", 20_000)  # several portions
    network, samples = made(name)
    layers = layers_of(network)
    found = coherence(network, layers, samples, loss)
    apart = one_by_one(network, samples, loss)
    assert found.shape == (3, len(layers) + 1, len(MEASURES))
    rows = [*apart.values(), torch.cat(list(apart.values()), 1)]
    chosen = {
        "all": torch.ones(N, dtype=torch.bool),
        "untouched": ~samples.changed,
        "corrupted": samples.changed,
    }
    for kind, own in zip(KINDS, found, strict=True):
        for row, gradients in zip(own, rows, strict=True):
            expected = by_pairs(gradients[chosen[kind]], samples.labels[chosen[kind]])
            assert row.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_coherence_is_made_of_pairs_of_one_class_and_of_two(name) -> None:
    network, samples = made(name, seed=1)
    whole, within, between, _ = coherence(network, layers_of(network), samples, cross_entropy)[0].T
    same = sum(int((samples.labels == c).sum()) ** 2 for c in range(CLASSES)) - N
    other = N**2 - N - same
    torch.testing.assert_close(whole, (N + same * within + other * between) / N**2)


def test_equal_samples_have_coherence_one_and_orthogonal_ones_one_by_n() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(8, 2, bias=False)).double()
    nn.init.zeros_(network[1].weight)
    equal = Samples(torch.ones(8, 1, 1, 8).double(), torch.zeros(8).long(), torch.zeros(8).bool())
    found = coherence(network, layers_of(network), equal, cross_entropy)
    assert found[0, -1, :2].tolist() == pytest.approx([1, 1])
    assert math.isnan(found[0, -1, 2])  # there is one class
    assert found[2].isnan().all()  # nothing is corrupted
    axes = torch.eye(8).double().reshape(8, 1, 1, 8)
    apart = Samples(axes, torch.arange(8) % 2, torch.zeros(8).bool())
    found = coherence(network, layers_of(network), apart, cross_entropy)
    assert found[0, -1, :3].tolist() == pytest.approx([1 / 8, 0, 0], abs=1e-12)


def test_no_gradient_of_a_sample_is_made_for_a_linear_layer(monkeypatch) -> None:
    network, samples = made("mlp")
    monkeypatch.setattr(sample_gradients, "vmap", None)
    found = batch_gradients(
        network, layers_of(network), samples.images, samples.labels, cross_entropy
    )
    apart = one_by_one(network, samples)
    expected = torch.stack([rows.square().sum(1) for rows in apart.values()], 1)
    torch.testing.assert_close(found.squares, expected)


def test_frozen_weights_are_no_layer() -> None:
    network, samples = made("mlp")
    network[1].bias.requires_grad_(False)
    network[3].requires_grad_(False)
    (layer,) = layers_of(network)
    assert (layer.name, layer.weights, layer.parameters) == ("1", ("1.weight",), 24)
    found = batch_gradients(network, [layer], samples.images, samples.labels, cross_entropy)
    (rows,) = one_by_one(network, samples).values()
    torch.testing.assert_close(found.squares[:, 0], rows.square().sum(1))


def test_the_network_is_left_as_it_was() -> None:
    network, samples = made("batch norm")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    coherence(network, layers_of(network), samples, cross_entropy)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(weight.grad is None for weight in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
