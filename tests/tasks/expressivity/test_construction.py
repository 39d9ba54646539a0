"""The network fits any labels with 2n + d weights, or it is said why not."""

import pytest
import torch
from torch.func import functional_call

from nullfit.errors import UserError
from nullfit.models.build import parameter_count
from nullfit.tasks.expressivity import construction
from nullfit.tasks.expressivity import network as module
from nullfit.tasks.expressivity.construction import construct
from nullfit.training.evaluation import evaluate


def points(n=200, shape=(3, 4, 5), seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.rand(n, *shape, generator=random), torch.randint(7, (n,), generator=random)


def made(images, labels, seed=0, directions=3):
    return construct(images, labels, 7, seed=seed, directions=directions)


@pytest.mark.parametrize("n", [1, 2, 17, 200])
def test_any_labels_are_fitted_with_2n_plus_d_weights(n) -> None:
    images, labels = points(n)
    network = made(images, labels).network
    assert parameter_count(network) == 2 * n + 60
    assert evaluate(network, images, labels).accuracy == 1
    with torch.no_grad():
        assert (network.value(images) - labels).abs().max() < 1e-6
        assert network(images).shape == (n, 7)


def test_it_is_the_formula_of_the_theorem() -> None:
    images, labels = points(30)
    network = made(images, labels).network
    other, _ = points(50, seed=1)
    a, b, w = (p.detach() for p in (network.direction, network.biases, network.weights))
    expected = [
        sum(w[j] * max(float(x @ a) - b[j], 0) for j in range(30)).item()
        for x in other.flatten(1).double()
    ]
    with torch.no_grad():
        values = network.value(other)
    assert values.tolist() == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("values", "units"), [(1, 1), (64, 7), (2**15, 2**11)])
def test_blocks_change_nothing(values, units, monkeypatch) -> None:
    images, labels = points(50)
    network = made(images, labels).network
    with torch.no_grad():
        expected = network.value(images)
        monkeypatch.setattr(module, "_VALUES_PER_BLOCK", values)
        monkeypatch.setattr(module, "_UNITS_PER_BLOCK", units)
        torch.testing.assert_close(network.value(images), expected, atol=1e-8, rtol=0)


def test_the_class_is_the_nearest_label() -> None:
    images, labels = points(40)
    network = made(images, labels).network
    other, _ = points(100, seed=2)
    with torch.no_grad():
        nearest = network.value(other).round().clamp(0, 6)
        assert torch.equal(network(other).argmax(1).double(), nearest)


def test_it_is_a_module_like_any_other() -> None:
    images, labels = points(20)
    network = made(images, labels).network
    doubled = {name: 2 * value for name, value in network.named_parameters()}
    functional_call(network, doubled, images).sum().backward()
    network.value(images).sum().backward()
    assert network.weights.grad is not None
    assert network.weights.grad.abs().sum() > 0


def test_equal_points_with_equal_labels_count_once() -> None:
    images, labels = points(30)
    found = made(torch.cat([images, images[4:9]]), torch.cat([labels, labels[4:9]]))
    assert parameter_count(found.network) == 2 * 30 + 60
    assert evaluate(found.network, images, labels).accuracy == 1


def test_equal_points_with_different_labels_are_named() -> None:
    images, labels = points(30)
    images[21], images[17] = images[3], images[3]
    labels[3], labels[17], labels[21] = 1, 2, 5
    images[3, 0, 0, 0] = images[17, 0, 0, 0] = 0.0
    images[21, 0, 0, 0] = -0.0
    with pytest.raises(UserError) as refusal:
        made(images, labels)
    assert str(refusal.value).startswith(
        "training images 3 and 17 are equal, with labels 1 and 2 (1 more such pairs): "
    )


def test_another_direction_is_drawn_where_projections_meet(monkeypatch) -> None:
    images, labels = points(60)
    gaps = [made(images, labels, seed=seed).narrowest_gap for seed in range(8)]
    monkeypatch.setattr(construction, "NARROWEST", sorted(gaps)[4])
    tried = [made(images, labels, seed, directions=60).directions_tried for seed in range(8)]
    assert min(tried) == 1
    assert max(tried) > 1
    for seed, gap in enumerate(gaps):
        assert (tried[seed] == 1) == (gap >= sorted(gaps)[4])


def test_points_that_float64_cannot_tell_apart_are_named() -> None:
    images, labels = points(30)
    images = images.double()
    images[12] = images[5]
    images[12, 0, 0, 0] += 1e-13
    with pytest.raises(UserError, match="images 5 and 12 project too close together on each of 3"):
        made(images, labels)


def test_a_direction_follows_from_the_seed() -> None:
    images, labels = points(20)
    networks = [made(images, labels, seed).network for seed in (0, 0, 1)]
    first, again, other = (network.direction.detach() for network in networks)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert float(first.norm()) == pytest.approx(1)
