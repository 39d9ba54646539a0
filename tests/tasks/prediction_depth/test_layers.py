"""Which activations count as those after a layer."""

import pytest
import torch
from torch import nn

from nullfit.data.randomized_data import Split
from nullfit.errors import UserError
from nullfit.models import MLP, Inception, LeNet, WideResNet
from nullfit.models.torchvision import TorchvisionClassifier
from nullfit.tasks.prediction_depth.layers import batches_of, layers_with_weights

MLP_LAYERS = ["hidden.1", "hidden.4"]


def split_of(*shape: int) -> Split:
    images = torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(shape[0]).long()
    return Split(images, labels, labels)


def activations(network: nn.Module, *shape: int):
    ((_, found),) = batches_of(network, split_of(*shape), torch.arange(shape[0]), shape[0])
    return found


def test_of_an_mlp_they_are_those_after_each_nonlinearity() -> None:
    network = MLP((1, 4, 4), 3, hidden=[7, 5], bias=True, dropout=0.5)
    found, images = activations(network, 6, 1, 4, 4), split_of(6, 1, 4, 4).images
    assert found.names == ("input", *MLP_LAYERS, "softmax")
    first = network.hidden[1](images.flatten(1)).relu()
    second = network.hidden[4](first).relu()
    assert torch.equal(found.layers[0], images.flatten(1))
    torch.testing.assert_close(found.layers[1], first)
    torch.testing.assert_close(found.layers[2], second)  # without dropout
    torch.testing.assert_close(found.logits, network.head(second))
    assert torch.equal(found.layers[3], found.logits.double().softmax(1))
    assert network.training  # as before


def test_of_lenet_they_are_taken_after_pooling() -> None:
    network = LeNet((1, 16, 16), 10, dropout=0.0)
    found, images = activations(network, 2, 1, 16, 16), split_of(2, 1, 16, 16).images
    assert found.names == ("input", "features.0", "features.3", "hidden.0", "hidden.3", "softmax")
    torch.testing.assert_close(found.layers[1], network.features[:3](images).flatten(1))
    torch.testing.assert_close(found.layers[2], network.features(images))
    assert [layer.shape[1] for layer in found.layers] == [256, 216, 16, 120, 84, 10]


def test_a_residual_network_is_taken_block_by_block() -> None:
    network = WideResNet((1, 8, 8), 10, depth=10, width=1, dropout=0.0).eval()
    found, images = activations(network, 2, 1, 8, 8), split_of(2, 1, 8, 8).images
    assert found.names == ("input", "trunk.0", "trunk.1", "trunk.2", "trunk.3", "softmax")
    torch.testing.assert_close(found.layers[1], network.trunk[0](images).flatten(1))
    torch.testing.assert_close(found.layers[2], network.trunk[:2](images).flatten(1))
    # What the last layer is given: after batch norm, ReLU and pooling.
    torch.testing.assert_close(found.layers[4], network.pool(network.trunk(images)).flatten(1))


def test_inception_is_taken_block_by_block() -> None:
    network = Inception((1, 8, 8), 10, batch_norm=True, dropout=0.0)
    names = layers_with_weights(network)
    assert list(names) == ["trunk.0.0", *(f"trunk.{block}" for block in range(1, 11)), "head"]
    found = activations(network, 2, 1, 8, 8)
    assert found.names == ("input", "trunk.0.0", *list(names)[1:-1], "softmax")
    assert found.layers[1].shape[1] == 96 * 8 * 8


def test_a_wrapped_network_is_opened() -> None:
    network = TorchvisionClassifier((1, 32, 32), 10, architecture="resnet18", dropout=None)
    blocks = [f"network.layer{group}.{block}" for group in (1, 2, 3, 4) for block in (0, 1)]
    assert activations(network, 2, 1, 32, 32).names == (
        *("input", "network.conv1"),
        *blocks,
        "softmax",
    )


class InPlace(nn.Module):
    """A block that overwrites what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        after: torch.Tensor = self.layer(given.relu_())
        return after


def test_what_is_overwritten_later_is_kept() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 4), InPlace(), nn.Linear(4, 2))
    found = activations(network, 5, 1, 2, 2)
    assert found.names == ("input", "1", "2", "softmax")
    assert (found.layers[1] < 0).any()


class Mixing(nn.Module):
    """A layer is given a row for each pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(2, 3), nn.Linear(3, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        rows = self.first(images.reshape(-1, 2)).relu()
        logits: torch.Tensor = self.second(rows).reshape(len(images), -1, 2).mean(1)
        return logits


def test_a_layer_that_does_not_see_sample_by_sample_is_refused() -> None:
    with pytest.raises(UserError, match="after layer first is not one activation for each sample"):
        activations(Mixing(), 3, 1, 2, 2)
