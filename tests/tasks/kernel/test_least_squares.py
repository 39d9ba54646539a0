"""Least squares with fewer features than samples, against NumPy's."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from nullfit.tasks.kernel.least_squares import LeastSquares
from nullfit.tasks.kernel.packed import BLOCK, BlockColumns

RANDOM = torch.Generator().manual_seed(0)
X = torch.randn(90, 12, generator=RANDOM)
X[:, 7] = 0  # a pixel that is always black
X[:, 8] = 2 * X[:, 1]
Y = torch.randn(90, 3, dtype=torch.float64, generator=RANDOM)


def test_of_several_solutions_the_one_of_least_norm():
    found = LeastSquares.fit(X, Y, 0.0)
    expected, _, rank, _ = np.linalg.lstsq(X.double().numpy(), Y.numpy(), rcond=None)
    assert found.rank == rank == 10
    np.testing.assert_allclose(found.weights.numpy(), expected, atol=1e-9)
    np.testing.assert_allclose(found(X).numpy(), X.double().numpy() @ expected, atol=1e-9)


@pytest.mark.parametrize("ridge", [0.01, 10.0])
def test_a_penalty_is_that_of_ridge_regression(ridge):
    found = LeastSquares.fit(X, Y, ridge)
    expected = Ridge(alpha=ridge, fit_intercept=False).fit(X.double().numpy(), Y.numpy())
    np.testing.assert_allclose(found.weights.numpy().T, expected.coef_, atol=1e-8)
    assert found.rank is None


@pytest.mark.parametrize("ridge", [0.0, 1.0])
def test_more_columns_than_are_summed_at_once(ridge):
    features = torch.randn(1_500, BLOCK + 100, generator=RANDOM)
    targets = torch.randn(1_500, 2, dtype=torch.float64, generator=RANDOM)
    done: list[float] = []
    found = LeastSquares.fit(features, targets, ridge, done.append)
    exact = features.double().numpy()
    expected = np.linalg.solve(
        exact.T @ exact + ridge * np.eye(exact.shape[1]), exact.T @ targets.numpy()
    )
    np.testing.assert_allclose(found.weights.numpy(), expected, atol=1e-10)
    assert sum(done) == 1_500 * BlockColumns(BLOCK + 100).entries


@pytest.mark.parametrize("columns", [12, 60, 90, 200], ids=["rank", "tall", "square", "wide"])
def test_orthogonal_factors_give_the_least_norm(columns):
    features = X if columns == 12 else torch.randn(90, columns, generator=RANDOM)
    found = LeastSquares.by_orthogonal_factors(features, Y)
    expected, _, rank, _ = np.linalg.lstsq(features.double().numpy(), Y.numpy(), rcond=None)
    assert found.rank == rank
    np.testing.assert_allclose(found.weights.numpy(), expected, atol=1e-8)


def test_orthogonal_factors_keep_what_normal_equations_lose():
    features = torch.randn(40, 40, generator=RANDOM)
    features[:, 1] = features[:, 0] + 1e-6 * features[:, 2]  # nearly dependent: condition 1e8
    found = LeastSquares.by_orthogonal_factors(features, Y[:40])
    expected = np.linalg.solve(features.double().numpy(), Y[:40].numpy())
    np.testing.assert_allclose(found.weights.numpy(), expected, rtol=1e-6)
    lost = LeastSquares.fit(features, Y[:40], 0.0)
    assert not np.allclose(lost.weights.numpy(), expected, rtol=1e-3)
