import numpy as np
import pytest
import torch
from scipy.stats import f_oneway, linregress

from nullfit.tasks.permutation.calibration.linear_model import f_tests_of_curvature, linear_tests
from nullfit.tasks.permutation.problem import Feature, PermutationProblem


def problem(inputs: np.ndarray, target: np.ndarray) -> PermutationProblem:
    width = inputs.shape[1]
    return PermutationProblem(
        torch.tensor(inputs, dtype=torch.float32).view(-1, 1, 1, width),
        torch.tensor(target, dtype=torch.float32),
        tuple(Feature(f"x{j}", torch.tensor([j])) for j in range(width)),
        "regression",
    )


def test_the_t_test_of_one_input_is_that_of_a_regression_line() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=50).astype(np.float32)
    y = (0.3 * x + random.normal(size=50)).astype(np.float32)
    expected = linregress(x, y).pvalue
    assert linear_tests(problem(x[:, None], y)) == pytest.approx([expected], rel=1e-4)


def test_a_category_is_tested_as_one() -> None:
    random = np.random.default_rng(0)
    level = random.integers(0, 3, 90)
    y = random.normal(size=90).astype(np.float32)
    tested = problem(np.eye(3)[level].astype(np.float32), y)
    one = PermutationProblem(
        tested.inputs, tested.targets, (Feature("x", torch.arange(3)),), "regression"
    )
    expected = f_oneway(*(y[level == j] for j in range(3))).pvalue
    assert linear_tests(one) == pytest.approx([expected], rel=1e-4)


def test_curvature_is_found_where_it_is() -> None:
    random = np.random.default_rng(0)
    inputs = random.normal(size=(200, 2))
    target = inputs[:, 0] ** 2 + inputs[:, 1] + random.normal(size=200)
    curved, straight = f_tests_of_curvature(problem(inputs, target))
    assert curved < 1e-6
    assert straight > 0.05
