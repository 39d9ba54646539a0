import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from nullfit.models import LayerSummary, parameter_count, summarize
from tests.models.settings import OPTIONS, factory


def test_summary_of_cnn_15x15():
    network = factory("cnn_15x15")((1, 28, 28), 10)
    assert summarize(network, (1, 28, 28)) == [
        LayerSummary("features.0", "Conv2d", (2, 14, 14), 452, 2 * 225 * 2 * 196),
        LayerSummary("features.1", "ReLU", (2, 14, 14), 0, 0),
        LayerSummary("features.2", "Flatten", (392,), 0, 0),
        LayerSummary("head", "Linear", (10,), 3930, 2 * 3920),
    ]


@pytest.mark.parametrize("option", OPTIONS)
def test_parameters_and_flops_add_up(option):
    network = factory(option)((3, 28, 28), 10)
    layers = summarize(network, (3, 28, 28))
    assert sum(layer.parameters for layer in layers) == parameter_count(network)
    assert len({layer.name for layer in layers}) == len(layers)
    assert all(layer.flops >= 0 for layer in layers)
    with FlopCounterMode(display=False) as counter:
        network.eval()(torch.zeros(1, 3, 28, 28))
    assert sum(layer.flops for layer in layers) == counter.get_total_flops()


def test_flops_of_inception_are_those_of_its_convolutions():
    network = factory("inception")((3, 28, 28), 10)
    layers = summarize(network, (3, 28, 28))
    modules = dict(network.named_modules())
    convolutions = [layer for layer in layers if layer.type == "Conv2d"]
    assert len(convolutions) == 19
    for layer in convolutions:
        positions = layer.output_shape[1] * layer.output_shape[2]
        assert layer.flops == 2 * modules[layer.name].weight.numel() * positions
    assert sum(layer.flops for layer in layers) == sum(c.flops for c in convolutions) + 2 * 3360


@pytest.mark.parametrize(("architecture", "billions"), [("resnet18", 1.814), ("vit_b_32", 4.409)])
def test_flops_are_twice_the_published_multiply_adds(architecture, billions):
    """For 1,000 classes and images of 224×224, as on torchvision's model cards."""
    shape = (3, 224, 224)
    network = factory("torchvision", architecture=architecture)(shape, 1000)
    total = sum(layer.flops for layer in summarize(network, shape))
    assert total / 2e9 == pytest.approx(billions, abs=0.001)


@pytest.mark.parametrize(("architecture", "side"), [("vit_b_32", 32), ("swin_t", 32)])
def test_weights_and_work_outside_of_leaves_are_counted(architecture, side):
    shape = (3, side, side)
    network = factory("torchvision", architecture=architecture)(shape, 10)
    layers = summarize(network, shape)
    assert sum(layer.parameters for layer in layers) == parameter_count(network)
    attention = [layer for layer in layers if "Attention" in layer.type]
    assert attention
    assert all(layer.parameters > 0 and layer.flops > 0 for layer in attention)


class Unusual(nn.Module):
    """A layer in a list within a list, one that is called twice, and work outside of layers."""

    def __init__(self):
        super().__init__()
        self.lists = nn.ModuleList([nn.ModuleList([nn.Linear(4, 4)])])
        self.again = nn.ModuleDict({"same": self.lists[0][0]})

    def forward(self, x):
        x = self.again["same"](self.lists[0][0](x.flatten(1)))
        return x @ x.T


def test_work_is_credited_to_the_layer_that_did_it():
    layers = summarize(Unusual(), (1, 2, 2))
    found = {(layer.name, layer.type): layer.flops for layer in layers}
    assert found == {("", "Unusual"): 2 * 4, ("lists.0.0", "Linear"): 2 * (2 * 16)}


def test_the_network_is_left_as_it_was():
    network = factory("inception")((1, 8, 8), 10)
    state = {key: value.clone() for key, value in network.state_dict().items()}
    summarize(network, (1, 8, 8))
    assert all(module.training for module in network.modules())
    assert not any(module._forward_hooks for module in network.modules())
    assert all(torch.equal(state[key], value) for key, value in network.state_dict().items())


def test_a_network_that_is_one_layer():
    layers = summarize(nn.Flatten(), (1, 2, 2))
    assert layers == [LayerSummary("", "Flatten", (4,), 0, 0)]
