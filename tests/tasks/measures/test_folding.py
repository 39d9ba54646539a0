"""A network without its batch norm answers the same."""

import pytest
import torch
from torch import nn

from nullfit.models import MLP, AlexNet, Inception, LeNet, MiniGoogLeNet, WideResNet
from nullfit.models.torchvision import TorchvisionClassifier
from nullfit.tasks.measures.folding import folded
from nullfit.tasks.measures.structure import UndefinedError, structure_of

SHAPE = (3, 16, 16)
NETWORKS = {
    "inception": lambda: Inception(SHAPE, 10, batch_norm=True, dropout=0.5),
    "mini_googlenet": lambda: MiniGoogLeNet(SHAPE, 10, dropout=0.0),
    "wide_resnet": lambda: WideResNet(SHAPE, 10, depth=10, width=1, dropout=0.3),
    "resnet18": lambda: TorchvisionClassifier(SHAPE, 10, architecture="resnet18", dropout=None),
}


def used(make) -> nn.Module:
    """A network whose batch norms have statistics and weights of their own."""
    torch.manual_seed(0)
    network = make()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            if isinstance(layer.weight, nn.Parameter):
                nn.init.normal_(layer.weight)
            nn.init.normal_(layer.bias)
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
    return network.eval()


def few(n: int = 2) -> torch.Tensor:
    return torch.randn(n, *SHAPE, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_the_folded_network_answers_the_same(make):
    network = used(make)
    made = folded(network, few())
    assert not [m for m in made.modules() if isinstance(m, nn.BatchNorm2d)]
    others = few(7)
    with torch.no_grad():
        assert torch.allclose(made(others), network(others), rtol=1e-4, atol=1e-4)
        assert torch.equal(network(others), used(make)(others))  # which is untouched
    structure_of(made, few()).require_paths()


def test_batch_norm_goes_into_the_convolution_before_it():
    network = used(NETWORKS["inception"])
    made, convolutions = folded(network, few()), (nn.Conv2d, nn.Linear)
    assert sum(isinstance(m, convolutions) for m in made.modules()) == sum(
        isinstance(m, convolutions) for m in network.modules()
    )


def test_what_cannot_be_folded_is_a_layer_of_its_own():
    network = used(NETWORKS["wide_resnet"])
    layers = structure_of(folded(network, few()), few()).layers
    own = [layer for layer in layers if getattr(layer.module, "groups", 1) > 1]
    assert len(own) == 4  # at the head of each of three blocks, and at the end
    assert len(layers) == 4 + 1 + 3 * 2 + 2 + 1


def test_a_map_that_is_used_twice_is_not_folded_into():
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
            self.head = nn.Sequential(nn.Flatten(), nn.Linear(4 * 14 * 14, 10))

        def forward(self, images):
            maps = self.convolution(images)
            return self.head(maps + self.norm(maps))

    network = used(Twice)
    made = folded(network, few())
    assert torch.allclose(made(few()), network(few()), atol=1e-4)
    assert len(structure_of(made, few()).layers) == 3


def test_what_two_batch_norms_read_is_folded_into_neither():
    class Fork(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
            self.convolution = nn.Conv2d(4, 4, 3)
            self.one, self.other = nn.BatchNorm2d(4), nn.BatchNorm2d(4)
            self.head = nn.Sequential(nn.Flatten(), nn.Linear(4 * 12 * 12, 10))

        def forward(self, images):
            maps = self.convolution(self.stem(images))
            return self.head(self.one(maps) + self.other(maps))

    network = used(Fork)
    made = folded(network, few())
    assert torch.allclose(made(few()), network(few()), atol=1e-4)
    assert len(structure_of(made, few()).layers) == 5  # that of the stem is folded


def test_chains_are_told_from_networks_with_branches():
    chains = {
        "mlp": lambda: MLP(SHAPE, 10, hidden=[8], bias=True, dropout=0.5),
        "lenet": lambda: LeNet(SHAPE, 10, dropout=0.5),
    }
    for make in chains.values():
        structure_of(make().eval(), few()).require_chain()
    for make in NETWORKS.values():
        structure = structure_of(folded(used(make), few()), few())
        with pytest.raises(UndefinedError, match="has branches"):
            structure.require_chain()


class _Odd(nn.Module):
    def __init__(self, middle, **others) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(12, 5), nn.Linear(5, 2)
        self.middle = middle
        for name, part in others.items():
            setattr(self, name, part)

    def forward(self, images):
        return self.last(self.middle(self.first(images.flatten(1))))


ODD = {
    "activation": (_Odd(nn.functional.gelu), "paths", "sums: Gelu"),
    "scale": (_Odd(lambda x: 2 * x), "paths", "sums: Mul"),
    "layer norm": (_Odd(nn.LayerNorm(5)), "layers", "middle.weight is no weight of a conv"),
    "unused": (_Odd(nn.ReLU(), other=nn.Linear(2, 2)), "layers", "other.weight is no weight"),
    "not folded": (_Odd(nn.BatchNorm1d(5, track_running_stats=False)), "layers", "middle.weight"),
}


@pytest.mark.parametrize(("network", "needs", "reason"), ODD.values(), ids=ODD)
def test_what_is_no_network_of_layers_and_relus_is_told(network, needs, reason):
    images = torch.randn(3, 3, 2, 2)
    structure = structure_of(folded(network, images), images)
    with pytest.raises(UndefinedError, match=reason):
        getattr(structure, f"require_{needs}")()
    with pytest.raises(UndefinedError, match=reason):
        structure.require_chain()


def test_a_shared_layer_is_told():
    shared = nn.Linear(4, 4)
    structure = structure_of(nn.Sequential(nn.Flatten(), shared, shared), torch.ones(1, 1, 2, 2))
    with pytest.raises(UndefinedError, match="is used more than once"):
        structure.require_layers()


def test_local_response_norm_has_no_path_norm_but_products():
    network = AlexNet(
        SHAPE, 10, lrn_radius=4, lrn_alpha=1e-4, lrn_beta=0.75, lrn_k=1.0, dropout=0.0
    )
    structure = structure_of(network.eval(), few())
    assert len(structure.require_layers()) == 5
    with pytest.raises(UndefinedError, match="something else than linear maps"):
        structure.require_paths()


def test_copied_channels_have_no_bound_but_paths():
    network = used(lambda: TorchvisionClassifier((1, 32, 32), 10, architecture="vgg11_bn"))
    network.network.classifier = nn.Linear(512 * 7 * 7, 10)  # its own has a hundred million weights
    images = torch.randn(2, 1, 32, 32)
    structure = structure_of(folded(network, images), images)
    structure.require_paths()
    with pytest.raises(UndefinedError, match="channels of the images are copied"):
        structure.require_chain()


def test_overlapping_pools_have_no_bound():
    network = nn.Sequential(nn.MaxPool2d(3, 2), nn.Flatten(), nn.Linear(3 * 49, 2))
    with pytest.raises(UndefinedError, match="windows of max-pooling overlap"):
        structure_of(network, few()).require_chain()
