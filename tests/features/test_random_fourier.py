"""Random waves: their scalar products approach the kernel's values."""

import pytest
import torch

from nullfit.features.random_fourier import RandomFourier
from nullfit.tasks.kernel.kernel_function import make_kernel

CPU = torch.device("cpu")
IMAGES = torch.rand(30, 1, 5, 5, generator=torch.Generator().manual_seed(0))


def waves(count: int, spectrum: str = "gaussian", seed: int = 0) -> RandomFourier:
    return RandomFourier.make(25, seed, spectrum=spectrum, gamma=0.3, count=count)


@pytest.mark.parametrize("spectrum", ["gaussian", "laplacian"])
def test_scalar_products_approach_the_kernel(spectrum) -> None:
    flat = IMAGES.flatten(1).double()
    exact = make_kernel(spectrum, 0.3, flat)(flat, flat)
    errors = []
    for count in (500, 50_000):
        found = waves(count, spectrum).whole(IMAGES, CPU).double()
        errors.append(float((found @ found.T - exact).square().mean().sqrt()))
    # The variance of a product of one wave is below 1 (for x = y it is that of 2 cos², 1/2).
    assert errors[1] < 1.0 / 50_000**0.5 < errors[0] < 1.0 / 500**0.5
    assert errors[1] < errors[0] / 4


def test_waves_follow_from_the_seed() -> None:
    first, again, other = waves(8), waves(8), waves(8, seed=1)
    assert torch.equal(first.whole(IMAGES, CPU), again.whole(IMAGES, CPU))
    assert not torch.equal(first.whole(IMAGES, CPU), other.whole(IMAGES, CPU))
    assert first.dimensions == 8
    assert first.phases.min() >= 0
    assert first.phases.max() < 2 * torch.pi
