"""How much the weights may be changed: by noise, and in the worst direction.

``batches`` are pairs of images and labels on the network's device. Weights are put back as they
were.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from nullfit.seeds import generator
from nullfit.tasks.measures.structure import UndefinedError

Batches = Sequence[tuple[Tensor, Tensor]]
Scale = Callable[[Tensor, float], Tensor]

FLOOR = 1e-3  # standard deviation that each weight's noise has at least, if it is magnitude-aware
_FIRST, _LEAST, _MOST = 0.01, 1e-7, 1e3  # where the search begins and gives up
_PRECISION = 1.02  # ratio of the ends of the interval where it stops


@dataclass(frozen=True)
class Noise:
    """The largest ``sigma`` found, the mean accuracy under it, and its deviation over draws."""

    sigma: float
    accuracy: float
    sd: float


def plain(weight: Tensor, sigma: float) -> Tensor:
    """The same standard deviation σ for every weight."""
    return torch.full_like(weight, sigma)


def magnitude_aware(weight: Tensor, sigma: float) -> Tensor:
    """√(σ² w² + ε²): in proportion to each weight, with a floor of ε = 0.001.

    Source: Jiang et al. 2020 (arXiv 1912.02178), appendix C, magnitude-aware perturbation bounds.
    σ is a standard deviation throughout; a public implementation passes σ² where torch wants that.
    """
    return (sigma**2 * weight**2 + FLOOR**2).sqrt()


@torch.no_grad()
def accuracy(network: nn.Module, batches: Batches) -> float:
    """The share of samples whose label has the largest logit."""
    right = sum(int((network(images).argmax(1) == labels).sum()) for images, labels in batches)
    return right / sum(len(labels) for _, labels in batches)


def largest_noise(
    network: nn.Module, batches: Batches, *, scale: Scale, draws: int, cost: float, seed: int
) -> Noise:
    """The largest σ of Gaussian noise on all weights that costs at most ``cost`` of the accuracy.

    The accuracy under noise is the mean over ``draws``, which are the same at every σ; the interval
    is halved on a logarithmic scale until its ends differ by 2 %. So the outcome depends on the
    samples, draws and seed, and on how the weights are scaled: scaling layers against each other
    changes it, though not the network's function.

    Source: Jiang et al. 2020 (arXiv 1912.02178), appendix C: 1/σ² is their measure.

    Raises:
        UndefinedError: no noise costs so much, or the least does.
    """
    before = accuracy(network, batches)
    if before <= cost:
        raise UndefinedError(f"the accuracy is {before:.3f} on these samples: none costs {cost:g}")

    def under(sigma: float) -> Noise:
        found = [
            _accuracy_under(network, batches, sigma, scale, generator(seed, "sharpness", draw))
            for draw in range(draws)
        ]
        mean = math.fsum(found) / draws
        return Noise(sigma, mean, float(torch.tensor(found).double().std(correction=0)))

    def holds(noise: Noise) -> bool:
        return noise.accuracy >= before - cost - 1e-12

    low: Noise | None = None
    high: Noise | None = None
    sigma = _FIRST
    while low is None or high is None:
        if not _LEAST < sigma < _MOST:
            how = (
                "even the largest noise does not cost" if high is None else "the least noise costs"
            )
            raise UndefinedError(f"{how} {cost:g} of the accuracy, {before:.3f} on these samples")
        at = under(sigma)
        if holds(at):
            low, sigma = at, 2 * sigma
        else:
            high, sigma = at, sigma / 2
    while high.sigma / low.sigma > _PRECISION:
        at = under(math.sqrt(low.sigma * high.sigma))
        low, high = (at, high) if holds(at) else (low, at)
    return low


def _accuracy_under(
    network: nn.Module, batches: Batches, sigma: float, scale: Scale, random: torch.Generator
) -> float:
    with moved(network, lambda w: scale(w, sigma) * _draw(w, random)):
        return accuracy(network, batches)


def _draw(weight: Tensor, random: torch.Generator) -> Tensor:
    return torch.randn(weight.shape, generator=random).to(weight)


@contextmanager
def moved(network: nn.Module, step: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Within it each weight is moved by what ``step`` makes of it."""
    weights = trained(network)
    before = [weight.detach().clone() for weight in weights]
    with torch.no_grad():
        for weight in weights:
            weight.add_(step(weight))
    try:
        yield
    finally:
        with torch.no_grad():
            for weight, old in zip(weights, before, strict=True):
                weight.copy_(old)


def trained(network: nn.Module) -> list[Tensor]:
    """The parameters that are trained."""
    return [weight for weight in network.parameters() if weight.requires_grad]


def loss_and_gradient(network: nn.Module, batches: Batches) -> tuple[float, list[Tensor]]:
    """The mean cross-entropy in nats, and its gradient by the weights."""
    weights = trained(network)
    total, samples = 0.0, sum(len(labels) for _, labels in batches)
    gradient = [torch.zeros_like(weight) for weight in weights]
    for images, labels in batches:
        loss = functional.cross_entropy(network(images), labels, reduction="sum") / samples
        total += float(loss.detach())
        parts = torch.autograd.grad(loss, weights)
        gradient = [own + part for own, part in zip(gradient, parts, strict=True)]
    return total, gradient


@dataclass(frozen=True)
class Worst:
    """How much the loss rises, in nats, by SAM's one step and by the worst of several."""

    one_step: float
    ascent: float


def worst_case(network: nn.Module, batches: Batches, *, rho: float, steps: int) -> Worst:
    """How much the loss rises within a ball of radius ``rho`` around the weights, in ℓ2.

    SAM's step is ρ ∇L / ‖∇L‖ (Foret et al. 2021, arXiv 2010.01412, equation 2); further steps of
    the same length go on from there and are brought back to the sphere. What is found is a lower
    bound of the largest rise in the ball, and 0 at least: the ball has its centre.
    """
    start, gradient = loss_and_gradient(network, batches)
    offset = [torch.zeros_like(part) for part in gradient]
    rises = []
    for _ in range(steps):
        if (length := _length(gradient)) == 0:
            break
        offset = [o + rho * g / length for o, g in zip(offset, gradient, strict=True)]
        shrink = rho / max(_length(offset), 1e-300)
        offset = [shrink * o for o in offset]
        ahead = iter(offset)
        with moved(network, lambda _, ahead=ahead: next(ahead)):  # type: ignore[misc]
            loss, gradient = loss_and_gradient(network, batches)
        rises.append(loss - start)
    return Worst(rises[0] if rises else 0.0, max([0.0, *rises]))


def _length(parts: Sequence[Tensor]) -> float:
    return float(torch.stack([part.double().norm() for part in parts]).norm())
