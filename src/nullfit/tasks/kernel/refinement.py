"""(K + λI)A = Y solved by a factorization, then refined to the exact kernel matrix's solution."""

from dataclasses import dataclass

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.features.features import Tick, silent
from nullfit.tasks.kernel.cholesky import Cholesky
from nullfit.tasks.kernel.matrix import KernelMatrix

_MOST_REFINEMENTS = 5
_GOOD = 1e-6  # residual, relative to the largest target, that needs no refinement
_TOLERABLE = 1e-3  # and the largest that counts as a solution
_GAIN = 2.0  # what a step must divide the residual by for another to be worth its time


class NotSolvedError(ArithmeticError):
    """Refinement did not converge: the matrix is too close to singular for the precision."""

    def __init__(self, residual: float) -> None:
        super().__init__(f"a residual of {residual:.1e} is left")
        self.residual = residual


@dataclass(frozen=True)
class Solved:
    """A solution: ``coefficients`` A, ``fitted`` K A, and how well A solves the equations.

    ``residual`` is the largest |Y − (K + λI)A| relative to the largest |Y|.
    """

    coefficients: Float64[Tensor, "n c"]
    fitted: Float64[Tensor, "n c"]
    residual: float
    refinements: int

    @property
    def norm(self) -> float:
        """‖w‖ = sqrt(trace(AᵀKA)), the norm of the function in the kernel's space."""
        return float((self.coefficients * self.fitted).sum().clamp_min(0).sqrt())


def factorized(
    matrix: KernelMatrix, ridge: float, dtype: torch.dtype, tick: Tick = silent
) -> Cholesky:
    """The factor of K + λI in ``dtype``; ``tick`` counts multiplications.

    Raises:
        NotPositiveDefiniteError: K + λI is singular or indefinite to working precision.
    """

    def column(start: int, stop: int) -> Tensor:
        made = matrix.column(start, stop, dtype)
        made.diagonal().add_(ridge)
        return made

    return Cholesky.factorize(column, matrix.size, tick=tick)


def solved(
    matrix: KernelMatrix,
    factor: Cholesky,
    targets: Float64[Tensor, "n c"],
    ridge: float,
    tick: Tick = silent,
) -> Solved:
    """Solve with the factor, then refine with residuals in double precision.

    Iterative refinement in mixed precision: Higham, Accuracy and Stability of Numerical Algorithms,
    chapter 12. It goes on while it halves the residual. ``tick`` counts entries of K computed.

    Raises:
        NotSolvedError: what comes out does not solve the equations.
    """
    best = _checked(matrix, factor.solve(targets), targets, ridge, 0, tick)
    for step in range(1, _MOST_REFINEMENTS + 1):
        if best.residual <= _GOOD:
            break
        left = targets - best.fitted - ridge * best.coefficients
        better = best.coefficients + factor.solve(left)
        tried = _checked(matrix, better, targets, ridge, step, tick)
        gained = tried.residual * _GAIN < best.residual
        if tried.residual < best.residual:
            best = tried
        if not gained:
            break
    if not best.residual <= _TOLERABLE:
        raise NotSolvedError(best.residual)
    return best


def _checked(
    matrix: KernelMatrix,
    coefficients: Float64[Tensor, "n c"],
    targets: Float64[Tensor, "n c"],
    ridge: float,
    step: int,
    tick: Tick,
) -> Solved:
    fitted = matrix.product(coefficients, tick)
    left = (targets - fitted - ridge * coefficients).abs().max()
    return Solved(coefficients, fitted, float(left / targets.abs().max()), step)
