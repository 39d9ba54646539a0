"""SGD with noise: what it adds, and that it follows from the seed and the step alone."""

import pytest
import torch
from torch import Tensor, nn

from nullfit.optimizers import noisy_sgd, sgd

LR, NOISE = 0.1, 0.5


def weight(size: int = 20_000) -> nn.Parameter:
    return nn.Parameter(torch.zeros(size))


def steps(seed: int, count: int, gradient: float = 0.0, momentum: float = 0.0) -> list[Tensor]:
    """The weights after each of some steps with one gradient."""
    own = weight()
    optimizer = noisy_sgd(
        [own], 0.0, seed, lr=LR, momentum=momentum, nesterov=False, noise_std=NOISE
    )
    found = []
    for _ in range(count):
        own.grad = torch.full_like(own, gradient)
        optimizer.step()
        found.append(own.detach().clone())
    return found


def test_each_step_moves_each_weight_by_normal_noise_of_its_own() -> None:
    first, second = steps(0, 2)
    for moved in (first, second - first):
        assert moved.mean().item() == pytest.approx(0, abs=4 * LR * NOISE / 20_000**0.5)
        assert moved.std().item() == pytest.approx(LR * NOISE, rel=0.03)
    correlation = torch.corrcoef(torch.stack([first, second - first]))[0, 1]
    assert abs(correlation.item()) < 4 / 20_000**0.5


def test_the_rest_is_sgd() -> None:
    own = weight()
    plain = sgd([own], 0.0, lr=LR, momentum=0.9, nesterov=False)
    noise = steps(0, 3, momentum=0.9)
    for done, after in enumerate(steps(0, 3, gradient=1.0, momentum=0.9)):
        own.grad = torch.ones_like(own)
        plain.step()
        # Noise does not enter the momentum: it adds to what SGD does, step by step.
        torch.testing.assert_close(after, own.detach() + noise[done])


def test_draws_follow_from_seed_and_step() -> None:
    assert torch.equal(steps(0, 2)[1], steps(0, 2)[1])
    assert not torch.equal(steps(0, 1)[0], steps(1, 1)[0])


def test_a_step_without_gradients_moves_and_counts_nothing() -> None:
    own = weight()
    optimizer = noisy_sgd([own], 0.0, 0, lr=LR, momentum=0.0, nesterov=False, noise_std=NOISE)
    optimizer.step()
    assert not own.any()
    own.grad = torch.zeros_like(own)
    optimizer.step()
    assert torch.equal(own.detach(), steps(0, 1)[0])


def test_a_layout_in_memory_changes_nothing() -> None:
    found = []
    for layout in (torch.contiguous_format, torch.channels_last):
        own = nn.Parameter(torch.zeros(4, 3, 5, 5).to(memory_format=layout))
        own.grad = torch.zeros_like(own)
        noisy_sgd([own], 0.0, 0, lr=LR, momentum=0.0, nesterov=False, noise_std=NOISE).step()
        found.append(own.detach())
    assert torch.equal(*found)
