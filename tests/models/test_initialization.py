"""Initial weights as others have them: `model.initialization`."""

import math

import pytest
import torch
from torch import nn

from nullfit import assembly
from nullfit.models.initialization import reinitialize


def network():
    return nn.Sequential(
        nn.Conv2d(16, 64, 3), nn.BatchNorm2d(64), nn.Flatten(), nn.Linear(400, 200)
    )


@pytest.fixture(params=["pytorch", "glorot", "he_fan_out"])
def drawn(request):
    torch.manual_seed(0)
    made = network()
    for weights in made.parameters():
        nn.init.constant_(weights, 7.0)
    reinitialize(made, request.param)
    return request.param, made


def test_the_weights_have_the_deviation_of_their_kind(drawn):
    kind, made = drawn
    convolution, linear = made[0].weight, made[3].weight
    expected = {
        "pytorch": (1 / math.sqrt(3 * 144), 1 / math.sqrt(3 * 400)),
        "glorot": (math.sqrt(2 / (144 + 576)), math.sqrt(2 / 600)),
        "he_fan_out": (math.sqrt(2 / 576), 1 / math.sqrt(3 * 400)),
    }[kind]
    assert convolution.std().item() == pytest.approx(expected[0], rel=0.03)
    assert linear.std().item() == pytest.approx(expected[1], rel=0.03)
    bounded = linear.abs().max().item() <= 1 / math.sqrt(400)
    assert bounded == (kind != "glorot")  # uniform, or normal


def test_biases_are_zero_but_for_pytorchs(drawn):
    kind, made = drawn
    assert bool((made[3].bias != 0).all()) == (kind == "pytorch")
    assert bool((made[0].bias != 0).all()) == (kind == "pytorch")


def test_it_follows_from_the_seed_and_null_is_the_networks_own(make_config):
    def weights(*overrides):
        config = make_config("model=mlp_1x512", *overrides)
        return next(assembly.network(config, (1, 8, 8), 10).parameters())

    own, glorot = weights(), weights("model.initialization=glorot")
    assert torch.equal(own, weights("model.initialization=null"))
    assert torch.equal(glorot, weights("model.initialization=glorot"))
    assert not torch.equal(glorot, weights("model.initialization=glorot", "seed=1"))
    assert own.std().item() == pytest.approx(math.sqrt(2 / 64), rel=0.03)
    assert glorot.std().item() == pytest.approx(math.sqrt(2 / (64 + 512)), rel=0.03)


def test_the_settings_own_initialization_keeps_the_identity(make_config):
    assert make_config().job == make_config("model.initialization=null").job
    assert make_config().job != make_config("model.initialization=pytorch").job
