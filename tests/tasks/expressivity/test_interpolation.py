"""The triangular system of the theorem, and what rounding leaves of it."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import solve_triangular

from nullfit.tasks.expressivity.interpolation import interleaved, interpolating_weights
from nullfit.tasks.expressivity.network import InterpolatingNetwork


def projections(n: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, generator=random, dtype=torch.float64).sort().values


def labels(n: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(10, (n,), generator=torch.Generator().manual_seed(seed)).double()


@given(st.integers(1, 40), st.integers(0, 99), st.sampled_from([1e-6, 1.0, 1e6]))
def test_biases_and_projections_alternate(n, seed, scale) -> None:
    z = projections(n, seed) * scale
    b = interleaved(z)
    assert (b < z).all()
    assert (z[:-1] < b[1:]).all()


@pytest.mark.parametrize("n", [1, 2, 3, 50, 300])
def test_the_weights_solve_the_triangular_system(n) -> None:
    z, y = projections(n), labels(n)
    b = interleaved(z)
    matrix = (z[:, None] - b).clamp(min=0).numpy()
    assert np.array_equal(matrix, np.tril(matrix))
    found = interpolating_weights(z, b, y)
    expected = solve_triangular(matrix, y.numpy(), lower=True)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())


def test_thousands_of_random_labels_are_met_to_a_millionth_and_midpoints_are_not() -> None:
    n = 10_000
    z, y = projections(n), labels(n)
    midpoints = torch.cat([z[:1] - 1, (z[1:] + z[:-1]) / 2])
    residuals = []
    for b in (interleaved(z), midpoints):
        w = interpolating_weights(z, b, y)
        network = InterpolatingNetwork(torch.ones(1, dtype=torch.float64), b, w, 10)
        with torch.no_grad():
            values = network.value(z[::10].view(-1, 1, 1, 1))
        residuals.append(float((values - y[::10]).abs().max()))
    assert residuals[0] < 1e-4
    assert residuals[1] > 10 * residuals[0]
