"""What is particular to one architecture: maps, settings, refusals."""

import pytest
import torch
from torch import nn

from nullfit.errors import UserError
from nullfit.models.input_shape import output_shape
from tests.models.settings import factory


def test_padded_inception_halves_the_maps():
    network = factory("inception")((3, 28, 28), 10)
    downs = [output_shape(network.trunk[:i], (3, 28, 28))[1:] for i in (3, 4, 8, 9, 11)]
    assert downs == [(28, 28), (14, 14), (14, 14), (7, 7), (7, 7)]


def test_block_channels_of_inception():
    network = factory("inception")((3, 28, 28), 10)
    channels = [output_shape(network.trunk[:i], (3, 28, 28))[0] for i in range(1, 12)]
    assert channels == [96, 64, 80, 160, 160, 160, 160, 144, 240, 336, 336]


def test_flat_head_reads_16464_features_of_the_unpadded_map():
    network = factory("inception_flat_head")((3, 28, 28), 10)
    assert output_shape(network.trunk, (3, 28, 28)) == (336, 5, 5)
    assert network.head.in_features == 16_464


@pytest.mark.parametrize(
    ("side", "map_side", "features"), [(8, 1, 336), (28, 6, 336), (32, 7, 336), (64, 15, 1344)]
)
def test_mini_googlenet_pools_what_there_is(side, map_side, features):
    network = factory("mini_googlenet")((1, side, side), 10)
    assert output_shape(network.trunk, (1, side, side)) == (336, map_side, map_side)
    assert network.head.in_features == features


def test_local_response_normalization_is_that_of_the_tutorial():
    """TensorFlow: x / (1 + 0.001/9 · sum of squares of 9 channels) ** 0.75."""
    network = factory("alexnet")((3, 28, 28), 10)
    norms = [m for m in network.modules() if isinstance(m, nn.LocalResponseNorm)]
    assert len(norms) == 2
    x = 30 * torch.randn(1, 64, 2, 2)
    expected = torch.empty_like(x)
    for channel in range(64):
        near = x[:, max(0, channel - 4) : channel + 5]
        expected[:, channel] = x[:, channel] / (1 + 0.001 / 9 * near.square().sum(1)) ** 0.75
    torch.testing.assert_close(norms[0](x), expected)


def test_alexnet_flattens_3136_features():
    assert factory("alexnet")((3, 28, 28), 10).hidden[0].in_features == 3136


def test_mlp_without_hidden_layers_is_linear():
    network = factory("mlp", hidden=[])((1, 8, 8), 10).eval()
    x, y = torch.randn(2, 3, 1, 8, 8)
    zero = network(torch.zeros_like(x))
    torch.testing.assert_close(network(x + y) + zero, network(x) + network(y))


def test_mlp_without_bias_maps_zero_to_zero():
    network = factory("mlp_3x512", bias=False)((1, 8, 8), 10)
    assert not network(torch.zeros(1, 1, 8, 8)).any()


@pytest.mark.parametrize("depth", [10, 28])
def test_wide_resnet_depth_counts_its_convolutions(depth):
    network = factory("wide_resnet", depth=depth, width=2)((3, 32, 32), 10)
    assert sum(isinstance(module, nn.Conv2d) for module in network.modules()) == depth
    assert output_shape(network.trunk, (3, 32, 32)) == (128, 8, 8)


def test_wide_resnet_normalizes_before_it_convolves():
    """A block whose residual is silenced and whose shape stays is the identity."""
    block = factory("wide_resnet", depth=16)((3, 32, 32), 10).trunk[2]
    nn.init.zeros_(block.residual[-1].weight)
    maps = torch.randn(2, 16, 5, 5)
    assert torch.equal(block(maps), maps)


@pytest.mark.parametrize(("depth", "nearest"), [(4, 10), (27, 28), (30, 28), (32, 34)])
def test_wide_resnet_depth_is_6k_plus_4(depth, nearest):
    with pytest.raises(UserError) as caught:
        factory("wide_resnet", depth=depth)((3, 32, 32), 10)
    assert str(caught.value) == (
        f"model.depth={depth}: a wide_resnet has depth 6k + 4 "
        f"(10, 16, 22, 28, 34, 40, …); the nearest is {nearest}."
    )


SMALLEST = [
    ("inception_flat_head", 9),
    ("mini_googlenet", 7),
    ("lenet", 16),
    ("forgetting_cnn", 16),
    ("cnn_15x15", 15),
]


@pytest.mark.parametrize(("option", "smallest"), SMALLEST)
def test_images_that_are_too_small_are_refused(option, smallest):
    factory(option)((1, smallest, smallest), 10)(torch.zeros(2, 1, smallest, smallest))
    below = smallest - 1
    with pytest.raises(UserError) as caught:
        factory(option)((1, smallest, below), 10)
    assert str(caught.value) == (
        f"model {option} needs images of at least {smallest}×{smallest} pixels, these are "
        f"{smallest}×{below}×1; choose larger images or another model."
    )
