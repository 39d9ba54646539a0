"""The largest eigenvalue of the Hessian of the training loss."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from nullfit.seeds import generator
from nullfit.tasks.measures.sharpness import Batches, trained

TOLERANCE = 1e-4  # relative change of the eigenvalue in a step of the power iteration

Vector = list[Tensor]


@dataclass(frozen=True)
class Eigenvalue:
    """The eigenvalue, products with the Hessian, and the relative change it was stopped at."""

    value: float
    products: int
    change: float

    @property
    def converged(self) -> bool:
        """Whether the iteration ended by itself."""
        return self.change <= TOLERANCE


def largest_eigenvalue(
    network: nn.Module, batches: Batches, *, iterations: int, seed: int
) -> Eigenvalue:
    """The largest (not the largest in size) eigenvalue of the Hessian of the mean cross-entropy.

    By power iteration with products of Hessian and vector (differentiating twice), batch by batch.
    Where the eigenvalue of the largest size is negative, the iteration is done again with it
    subtracted from the diagonal. The Rayleigh quotient is a lower bound wherever it stops.
    ``iterations`` bounds the products of each of the two. The loss is that of the labels trained
    on, without weight decay.
    """

    def product(vector: Vector) -> Vector:
        return hessian_product(network, batches, vector)

    start = [_draw(weight, random) for random in [generator(seed, "hessian")]
             for weight in trained(network)]  # fmt: skip
    first = _power_iteration(product, start, iterations)
    if first.value >= 0:
        return first
    shift = first.value

    def shifted(vector: Vector) -> Vector:
        moved = zip(product(vector), vector, strict=True)
        return [own - shift * part for own, part in moved]

    again = _power_iteration(shifted, start, iterations)
    # relative to the spread of the spectrum: the eigenvalue itself may be next to 0
    return Eigenvalue(again.value + shift, first.products + again.products, again.change)


def hessian_product(network: nn.Module, batches: Batches, vector: Vector) -> Vector:
    """The Hessian of the mean cross-entropy by the trained weights, times a vector."""
    weights = trained(network)
    samples = sum(len(labels) for _, labels in batches)
    total = [torch.zeros_like(weight) for weight in weights]
    for images, labels in batches:
        loss = functional.cross_entropy(network(images), labels, reduction="sum") / samples
        gradient = torch.autograd.grad(loss, weights, create_graph=True)
        along = sum((g * v).sum() for g, v in zip(gradient, vector, strict=True))
        if not isinstance(along, Tensor) or along.grad_fn is None:
            continue  # linear in all weights
        parts = torch.autograd.grad(along, weights, materialize_grads=True)
        total = [own + part for own, part in zip(total, parts, strict=True)]
    return [part.detach() for part in total]


def _power_iteration(
    product: Callable[[Vector], Vector], start: Vector, iterations: int
) -> Eigenvalue:
    vector, value, change = _unit(start), 0.0, float("inf")
    for done in range(1, iterations + 1):
        image = product(vector)
        before, value = value, _inner(vector, image)
        length = _inner(image, image) ** 0.5
        if length == 0:
            return Eigenvalue(0.0, done, 0.0)
        change = abs(value - before) / max(abs(value), 1e-300)
        if done > 1 and change <= TOLERANCE:
            break
        vector = [part / length for part in image]
    return Eigenvalue(value, done, change)


def _draw(weight: Tensor, random: torch.Generator) -> Tensor:
    return torch.randn(weight.shape, generator=random).to(weight)


def _unit(vector: Vector) -> Vector:
    length = _inner(vector, vector) ** 0.5
    return [part / length for part in vector]


def _inner(one: Vector, other: Vector) -> float:
    return float(sum((a.double() * b.double()).sum() for a, b in zip(one, other, strict=True)))
