"""Sharpness and curvature against exact computations on tiny networks."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional

from nullfit.seeds import generator
from nullfit.tasks.measures.hessian import hessian_product, largest_eigenvalue
from nullfit.tasks.measures.sharpness import (
    FLOOR,
    accuracy,
    largest_noise,
    loss_and_gradient,
    magnitude_aware,
    plain,
    worst_case,
)
from nullfit.tasks.measures.structure import UndefinedError
from tests.tasks.measures.networks import convolutional, images, mlp

SEARCH = {"scale": plain, "draws": 20, "cost": 0.1, "seed": 3}


def batches(n: int = 30, classes: int = 4, parts: int = 3):
    labels = torch.randint(classes, (n,), generator=torch.Generator().manual_seed(4))
    return [*zip(images(n).chunk(parts), labels.chunk(parts), strict=True)]


def exact_hessian(network: nn.Module, of) -> torch.Tensor:
    names = dict(network.named_parameters())
    sizes = [p.numel() for p in names.values()]
    given, labels = (torch.cat(side) for side in zip(*of, strict=True))

    def loss(flat):
        parts = flat.split(sizes)
        weights = {
            name: part.reshape(p.shape)
            for (name, p), part in zip(names.items(), parts, strict=True)
        }
        return functional.cross_entropy(functional_call(network, weights, given), labels)

    flat = torch.cat([p.detach().flatten() for p in names.values()])
    return torch.autograd.functional.hessian(loss, flat)


@pytest.mark.parametrize("network", [mlp(72, 3, 4), convolutional()], ids=["mlp", "convolutional"])
def test_the_largest_eigenvalue_is_that_of_the_whole_hessian(network):
    hessian = exact_hessian(network, batches())
    largest = torch.linalg.eigvalsh(hessian)[-1].item()
    found = largest_eigenvalue(network, batches(), iterations=2000, seed=0)
    assert found.converged
    assert found.value == pytest.approx(largest, rel=2e-3)
    assert found.value <= largest + 1e-9
    vector = [torch.ones_like(p) for p in network.parameters()]
    product = torch.cat([p.flatten() for p in hessian_product(network, batches(), vector)])
    assert torch.allclose(product, hessian.sum(1), atol=1e-10)


def test_a_negative_eigenvalue_of_larger_size_is_passed_by():
    """A sum of two units with one weight each: at a maximum of the loss in one direction."""

    class Saddle(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.tensor([0.1, 0.1], dtype=torch.float64))

        def forward(self, given):
            a, b = self.weight
            height = 0.3 * b**2 - 2 * a**2
            return torch.stack([height.expand(len(given)), torch.zeros(len(given)).double()], 1)

    network, of = Saddle(), [(images(2), torch.tensor([1, 1]))]
    eigenvalues = torch.linalg.eigvalsh(exact_hessian(network, of))
    assert abs(eigenvalues[0]) > eigenvalues[-1] > 0
    found = largest_eigenvalue(network, of, iterations=500, seed=0)
    assert found.value == pytest.approx(eigenvalues[-1].item(), rel=1e-3)


def test_an_iteration_that_is_cut_off_says_so():
    found = largest_eigenvalue(mlp(72, 3, 4), batches(), iterations=2, seed=0)
    assert not found.converged
    assert found.products == 2
    assert found.change > 1e-4


def test_a_flat_loss_has_no_curvature():
    network = mlp(72, 3, 4)
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
        network[-1].bias[0] = 1e4
    of = [(images(3), torch.zeros(3, dtype=torch.long))]
    assert largest_eigenvalue(network, of, iterations=5, seed=0).value == 0
    assert worst_case(network, of, rho=0.1, steps=3).ascent == 0


def fitted():
    """A network that names all labels, which are its own answers."""
    network = mlp(72, 6, 4)
    given = images(60)
    return network, [(given, network(given).argmax(1))]


def accuracy_under(network, of, sigma, draws, seed) -> float:
    """The mean accuracy under noise, in numpy."""
    given, labels = of[0][0].flatten(1).numpy(), of[0][1].numpy()
    found = []
    for draw in range(draws):
        random = generator(seed, "sharpness", draw)
        first, bias, last, end = (
            p.detach().numpy() + sigma * torch.randn(p.shape, generator=random).numpy()
            for p in network.parameters()
        )
        logits = np.maximum(given @ first.T + bias, 0) @ last.T + end
        found.append((logits.argmax(1) == labels).mean())
    return float(np.mean(found))


def test_the_largest_noise_costs_what_it_may_and_a_little_more_costs_more():
    network, of = fitted()
    before = [p.detach().clone() for p in network.parameters()]
    found = largest_noise(network, of, **SEARCH)
    assert found.accuracy == pytest.approx(accuracy_under(network, of, found.sigma, 20, 3))
    assert found.accuracy >= 0.9 - 1e-9
    assert accuracy_under(network, of, 1.03 * found.sigma, 20, 3) < 0.9
    assert found.sd > 0
    after = network.parameters()
    assert all(torch.equal(*pair) for pair in zip(before, after, strict=True))


def test_sigma_is_a_standard_deviation():
    """Weights of one size: magnitude-aware noise of σ is plain noise of √(σ² w² + ε²)."""
    network, of = fitted()
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(0.25 * weight.sign())
    of = [(of[0][0], network(of[0][0]).argmax(1))]
    common = largest_noise(network, of, **SEARCH).sigma
    aware = largest_noise(network, of, **{**SEARCH, "scale": magnitude_aware}).sigma
    assert math.hypot(0.25 * aware, FLOOR) == pytest.approx(common, rel=0.03)
    random = torch.randn(10_000, generator=torch.Generator().manual_seed(0))
    assert (plain(random, 0.3) * random).std() == pytest.approx(0.3, rel=0.05)


def test_noise_that_cannot_cost_so_much_has_no_sigma():
    network = mlp(72, 3, 4)
    wrong = [(images(20), network(images(20)).argmin(1))]
    assert accuracy(network, wrong) == 0
    with pytest.raises(UndefinedError, match=r"is 0\.000 on these samples: none costs 0\.1"):
        largest_noise(network, wrong, **SEARCH)
    labels = torch.arange(20) % 4
    common = [(0 * images(20), labels)]  # one image: noise changes what all of them are called
    assert accuracy(network, common) == 0.25
    with pytest.raises(UndefinedError, match=r"even the largest noise does not cost 0\.1"):
        largest_noise(network, common, **SEARCH)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(1e-9)
    frail = [(images(20), network(images(20)).argmax(1))]
    with pytest.raises(UndefinedError, match=r"the least noise costs 0\.1"):
        largest_noise(network, frail, **{**SEARCH, "scale": magnitude_aware})


def test_sams_step_and_the_worst_of_several():
    network, of = convolutional(), batches()
    loss, gradient = loss_and_gradient(network, of)
    given, labels = (torch.cat(side) for side in zip(*of, strict=True))
    whole = functional.cross_entropy(network(given), labels)
    exact = torch.autograd.grad(whole, [*network.parameters()])
    assert loss == pytest.approx(whole.item())
    assert all(torch.allclose(*pair) for pair in zip(gradient, exact, strict=True))
    length = math.sqrt(sum(float((g**2).sum()) for g in exact))
    moved = {
        name: p.detach() + 0.2 * g / length
        for (name, p), g in zip(network.named_parameters(), exact, strict=True)
    }
    rise = functional.cross_entropy(functional_call(network, moved, given), labels) - whole
    one = worst_case(network, of, rho=0.2, steps=1)
    assert one.one_step == one.ascent == pytest.approx(rise.item())
    several = worst_case(network, of, rho=0.2, steps=15)
    assert several.one_step == pytest.approx(rise.item())
    assert several.ascent > one.one_step
    steepest = length * 0.2
    assert one.one_step == pytest.approx(steepest, rel=0.5)  # rho is a length, no square of one
