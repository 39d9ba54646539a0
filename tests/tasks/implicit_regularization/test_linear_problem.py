"""The closed form, the spectrum, and what follows from it."""

import numpy as np
import pytest
import torch

from nullfit.errors import UserError
from nullfit.tasks.implicit_regularization.linear_problem import LinearProblem

RANDOM = torch.Generator().manual_seed(0)
X = torch.randn(12, 30, dtype=torch.float64, generator=RANDOM)
Y = torch.randn(12, 3, dtype=torch.float64, generator=RANDOM)


def test_closed_form_is_the_pseudoinverse():
    problem = LinearProblem.of(X, Y)
    torch.testing.assert_close(problem.minimum_norm, torch.linalg.pinv(X) @ Y)
    dual = X.T @ torch.linalg.solve(X @ X.T, Y)
    torch.testing.assert_close(problem.minimum_norm, dual)
    np.testing.assert_allclose(problem.spectrum, np.linalg.svd(X, compute_uv=False))


def test_what_no_sample_sees():
    problem = LinearProblem.of(X, Y)
    weights = torch.randn(30, 3, dtype=torch.float64, generator=RANDOM)
    outside = problem.outside(weights)
    assert (X @ outside).abs().max() < 1e-12
    assert (X.T @ torch.linalg.solve(X @ X.T, X @ weights) - (weights - outside)).norm() < 1e-10


@pytest.mark.parametrize("batch_size", [1, 3, 12, 100])
def test_no_batch_is_more_curved_than_the_bound(batch_size):
    bound = LinearProblem.of(X, Y).curvature(batch_size)
    for _ in range(50):
        batch = X[torch.randperm(12, generator=RANDOM)[:batch_size]]
        assert torch.linalg.matrix_norm(batch, 2).square() / len(batch) <= bound * (1 + 1e-12)


def test_more_steps_for_a_narrower_tolerance_and_a_smaller_singular_value():
    problem = LinearProblem.of(X, Y)
    steps = problem.expected_steps(1.0, 1, 1e-3)
    assert problem.expected_steps(1.0, 1, 1e-6) == pytest.approx(2 * steps)
    assert problem.expected_steps(0.1, 1, 1e-3) > 4 * steps
    narrow = X.clone()
    narrow[0] = narrow[1] + 0.01 * narrow[0]
    assert LinearProblem.of(narrow, Y).expected_steps(1.0, 1, 1e-3) > 100 * steps


@pytest.mark.parametrize("dimensions", [5, 12])
def test_as_many_samples_as_features_are_refused(dimensions):
    with pytest.raises(UserError, match=rf"12 training samples have {dimensions} features"):
        LinearProblem.of(X[:, :dimensions].contiguous(), Y)


def test_dependent_samples_are_refused():
    features = X.clone()
    features[3] = features[4] - 2 * features[5]
    with pytest.raises(UserError, match="features of rank 11, so the problem is not over"):
        LinearProblem.of(features, Y)
