"""The search for another answer, and the slope of the loss, on networks whose answer is known."""

import pytest
import torch
from torch import nn

from nullfit.losses import cross_entropy, mse
from nullfit.seeds import generator
from nullfit.tasks.critical_samples.search import Box, critical, gini, loss_sensitivity

N, PIXELS = 40, 6


def linear(seed: int = 0) -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, 2)).double().eval()
    return network, torch.randn(N, 1, 2, 3).double()


def distances(network: nn.Module, images: torch.Tensor, divisors: torch.Tensor) -> torch.Tensor:
    """How far each pixel has to move, in its own units, until a linear network answers otherwise.

    Where all pixels move by r / divisor, z_k − z_j falls by at most r · Σ |w_k − w_j| / divisor.
    """
    weight = network[1].weight
    z = network(images)
    k = z.argmax(1)
    gaps = z.gather(1, k[:, None]) - z
    reach = ((weight[k][:, None] - weight[None]).abs() / divisors.flatten(1)[:, None]).sum(2)
    return (gaps / reach).masked_fill(reach == 0, torch.inf).amin(1)


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_exactly_the_samples_within_reach_of_a_linear_network_are_critical(scale) -> None:
    network, images = linear()
    divisors = torch.full((N, 1, 1, 1), scale).double()
    far = distances(network, images, divisors.expand(N, 1, 2, 3))
    radius = float(far.detach().quantile(0.4))
    box = Box(radius, radius / 4, radius / 100, 60)
    found = critical(network, images, divisors, box, generator(0, "test"))
    assert not found[far > radius].any()  # nothing is there to be found
    assert found[far < 0.97 * radius].all()
    assert 10 < found.sum() < 20


def test_a_sure_answer_is_left_as_well() -> None:
    """Its cross-entropy has no slope in single precision."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(1, 2, bias=False)).eval()
    with torch.no_grad():
        network[1].weight.copy_(torch.tensor([[200.0], [-200.0]]))
    images = torch.full((1, 1, 1, 1), 0.5)
    ones = torch.ones(1, 1, 1, 1)
    found = critical(network, images, ones, Box(0.6, 0.1, 0.0, 10), generator(0, "test"))
    assert found.all()
    near = critical(network, images, ones, Box(0.4, 0.1, 0.0, 10), generator(0, "test"))
    assert not near.any()


def test_images_and_network_are_left_as_they_were() -> None:
    network, images = linear()
    before = images.clone()
    critical(
        network, images, torch.ones(N, 1, 1, 1).double(), Box(1.0, 1.0, 1.0, 3), generator(0, "a")
    )
    assert torch.equal(images, before)
    assert not images.requires_grad
    assert all(weight.grad is None for weight in network.parameters())


@pytest.mark.parametrize("loss", [cross_entropy, mse])
def test_loss_sensitivity_is_the_slope_by_small_steps(loss) -> None:
    torch.manual_seed(1)
    network = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    images, labels = torch.rand(N, 1, 2, 3).double(), torch.arange(N) % 3
    divisors = torch.rand(N, 1, 1, 1).double() + 0.5
    found = loss_sensitivity(network.eval(), images, labels, divisors, loss)
    total, h = torch.zeros(N).double(), 1e-6
    for pixel in range(PIXELS):
        step = torch.zeros(PIXELS).double()
        step[pixel] = h
        step = step.reshape(1, 1, 2, 3) / divisors
        up, down = (loss(network(images + s), labels, "none") for s in (step, -step))
        total += ((up - down) / (2 * h)).abs()
    torch.testing.assert_close(found, total.detach(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([2, 2, 2], 0), ([0, 0, 0, 4], 0.75), ([1, 2, 3, 4], 0.25)],
)
def test_gini(values, expected) -> None:
    tensor = torch.tensor(values).double()
    assert gini(tensor) == pytest.approx(expected)
    pairs = (tensor[:, None] - tensor).abs().mean() / (2 * tensor.mean())
    assert gini(tensor) == pytest.approx(float(pairs))
