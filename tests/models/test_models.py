"""What holds for every model option."""

from math import log

import pytest
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap

from nullfit.models import build, parameter_count
from tests.models.settings import OPTIONS, factory, read

SHAPES = [(3, 28, 28), (1, 28, 28), (3, 32, 32), (1, 8, 8), (3, 30, 21)]
TOO_SMALL_AT_8 = {"inception_flat_head", "lenet", "forgetting_cnn", "cnn_15x15"}
WITHOUT_DROPOUT = {"cnn_15x15", "cnn5"}


def test_the_options_are_those_of_the_design():
    assert set(OPTIONS) >= {
        *("inception", "inception_no_bn", "inception_flat_head", "mini_googlenet", "alexnet"),
        *("mlp", "mlp_1x512", "mlp_3x512", "mlp_128x64", "lenet", "wide_resnet", "cnn_15x15"),
        *("forgetting_cnn", "torchvision", "cnn5"),
    }


@pytest.mark.parametrize("option", OPTIONS)
def test_the_file_is_named_after_its_option(option):
    assert read(option)["name"] == option


@pytest.mark.parametrize(
    ("option", "shape"),
    [
        (option, shape)
        for option in OPTIONS
        for shape in SHAPES
        if not (option in TOO_SMALL_AT_8 and shape == (1, 8, 8))
    ],
    ids=str,
)
def test_gives_one_logit_for_each_class(option, shape):
    network = build(factory(option), shape, 7, 0, option)
    images = torch.randn(2, *shape)
    kept = images.clone()
    logits = network(images)
    assert logits.shape == (2, 7)
    assert logits.isfinite().all()
    assert logits.requires_grad
    assert torch.equal(images, kept)


@pytest.mark.parametrize("option", sorted(set(OPTIONS) - {"torchvision"}))
def test_every_parameter_receives_a_gradient(option):
    network = build(factory(option), (1, 28, 28), 3, 0, option)
    logits = network(torch.randn(4, 1, 28, 28))
    nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2, 0])).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("option", sorted(set(OPTIONS) - WITHOUT_DROPOUT - {"torchvision"}))
def test_dropout_changes_training_and_only_training(option):
    images = torch.randn(4, 1, 28, 28)
    plain = build(factory(option), images.shape[1:], 10, 0, option)
    dropping = build(factory(option, dropout=0.5), images.shape[1:], 10, 0, option)
    assert plain.state_dict().keys() == dropping.state_dict().keys()
    assert torch.equal(plain.eval()(images), dropping.eval()(images))
    assert not torch.allclose(plain.train()(images), dropping.train()(images))


@pytest.mark.parametrize("option", sorted(WITHOUT_DROPOUT))
def test_models_without_dropout_have_no_such_key(option):
    assert "dropout" not in read(option)


@pytest.mark.parametrize("option", sorted(set(OPTIONS) - TOO_SMALL_AT_8))
def test_stacked_networks_run_under_vmap(option):
    networks = [build(factory(option), (1, 8, 8), 3, seed, option) for seed in (0, 1)]
    parameters, buffers = stack_module_state(networks)
    images = torch.randn(5, 1, 8, 8)

    def forward(parameters, buffers):
        return functional_call(networks[0], (parameters, buffers), (images,))

    stacked = vmap(forward)(parameters, buffers)
    separate = torch.stack([network(images) for network in networks])
    torch.testing.assert_close(stacked, separate, rtol=1e-3, atol=1e-4)


def test_hidden_activations_keep_their_scale_without_batch_norm():
    network = build(factory("inception_no_bn"), (3, 28, 28), 10, 0, "inception_no_bn")
    maps = network.trunk(torch.randn(8, 3, 28, 28))
    assert 0.2 < maps.pow(2).mean() < 5
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            fan_in = module.weight[0].numel()
            gain = 0.01 if module is network.head else 2
            assert module.weight.var().item() == pytest.approx(gain / fan_in, rel=0.15)
            assert not module.bias.any()


@pytest.mark.parametrize("option", sorted(set(OPTIONS) - {"torchvision"}))
def test_the_loss_starts_at_that_of_a_uniform_guess(option):
    network = build(factory(option), (3, 28, 28), 10, 0, option)
    labels = torch.arange(20) % 10
    loss = nn.functional.cross_entropy(network(torch.randn(20, 3, 28, 28)), labels)
    assert loss.item() == pytest.approx(log(10), abs=0.1)


def test_batch_norm_of_inception_has_a_shift_and_no_scale():
    network = build(factory("inception"), (1, 8, 8), 10, 0, "inception")
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) == 1 + 8 * 2 + 2
    for norm in norms:
        assert dict(norm.named_parameters()).keys() == {"bias"}
        assert torch.equal(norm.weight, torch.ones(norm.num_features))
    before = parameter_count(network)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, weight_decay=0.1)
    network(torch.randn(4, 1, 8, 8)).sum().backward()
    optimizer.step()
    assert all(torch.equal(n.weight, torch.ones(n.num_features)) for n in norms)
    assert parameter_count(network) == before
