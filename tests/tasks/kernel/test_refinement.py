"""Single precision refined to double, and matrices that defeat it."""

import pytest
import torch

from nullfit.tasks.kernel.kernel_function import Gaussian, Linear
from nullfit.tasks.kernel.matrix import MatrixOfFeatures
from nullfit.tasks.kernel.refinement import NotSolvedError, factorized, solved

RANDOM = torch.Generator().manual_seed(0)


def solution(matrix, targets, ridge=0.0, dtype=torch.float32):
    return solved(matrix, factorized(matrix, ridge, dtype), targets, ridge)


def test_refinement_reaches_the_solution_of_double_precision():
    points = torch.rand(700, 6, generator=RANDOM)
    kernel = Gaussian(3.0)
    matrix = MatrixOfFeatures(kernel, points)
    targets = torch.randn(700, 2, dtype=torch.float64, generator=RANDOM)
    found = solution(matrix, targets)
    dense = kernel(points.double(), points.double())
    assert 1e5 < torch.linalg.cond(dense) < 1e6  # single precision alone would be wrong
    expected = torch.linalg.solve(dense, targets)
    assert found.refinements > 0
    assert found.residual <= 1e-6
    assert found.norm == pytest.approx(float((expected * targets).sum().sqrt()), rel=1e-5)
    once = factorized(matrix, 0.0, torch.float32).solve(targets)
    assert (found.coefficients - expected).norm() < 0.02 * (once - expected).norm()


def test_double_precision_needs_no_refinement():
    points = torch.rand(100, 6, generator=RANDOM)
    targets = torch.randn(100, 2, dtype=torch.float64, generator=RANDOM)
    found = solution(MatrixOfFeatures(Gaussian(8.0), points), targets, dtype=torch.float64)
    assert found.refinements == 0
    assert found.residual < 1e-9


def test_the_penalty_is_on_the_diagonal_of_factor_and_residual():
    points = torch.rand(50, 6, generator=RANDOM)
    targets = torch.randn(50, 2, dtype=torch.float64, generator=RANDOM)
    found = solution(MatrixOfFeatures(Linear(), points), targets, ridge=0.1)
    dense = points.double() @ points.double().T
    expected = torch.linalg.solve(dense + 0.1 * torch.eye(50, dtype=torch.float64), targets)
    torch.testing.assert_close(found.coefficients, expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found.fitted, dense @ expected, atol=1e-5, rtol=1e-5)


class Inconsistent(MatrixOfFeatures):
    """Its factor is another matrix's, as that of a nearly singular one is after rounding."""

    def column(self, start, stop, dtype):
        return MatrixOfFeatures(Gaussian(0.1), self.train).column(start, stop, dtype)


def test_a_solution_that_solves_nothing_is_none():
    points = torch.rand(30, 6, generator=RANDOM)
    targets = torch.randn(30, 1, dtype=torch.float64, generator=RANDOM)
    with pytest.raises(NotSolvedError, match="a residual of"):
        solution(Inconsistent(Gaussian(8.0), points), targets, ridge=0.01)
