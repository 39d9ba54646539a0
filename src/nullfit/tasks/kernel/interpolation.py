"""From images and labels to the interpolant's values at all samples."""

from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from nullfit.tasks.kernel.accumulated import AccumulatedMatrix
from nullfit.tasks.kernel.kernel_function import ProductKernel
from nullfit.tasks.kernel.least_squares import LeastSquares
from nullfit.tasks.kernel.matrix import KernelMatrix, MatrixOfFeatures
from nullfit.tasks.kernel.packed import BlockColumns
from nullfit.tasks.kernel.problem import KernelProblem
from nullfit.tasks.kernel.refinement import factorized, solved
from nullfit.tasks.kernel.stages import Stages


@dataclass(frozen=True)
class Interpolant:
    """The solution's values at the training samples and at the held-out ones, and its norm.

    ``residual`` is the largest entry of |Y − (K + λI)A| where such equations were solved; ``rank``
    is that of the features where those of least squares were.
    """

    train: Float64[Tensor, "n c"]
    others: list[Float64[Tensor, "_ c"]]
    norm: float
    residual: float | None = None
    refinements: int | None = None
    rank: int | None = None


def interpolate(problem: KernelProblem, stages: Stages) -> Interpolant:
    """Solve a planned problem.

    Raises:
        NotPositiveDefiniteError: the matrix is singular or indefinite to working precision.
        NotSolvedError: it is so close to singular that no solution was found.
    """
    if problem.need.form in ("primal", "orthogonal"):
        return _primal(problem, stages)
    return _dual(problem, _matrix(problem, stages), stages)


def _matrix(problem: KernelProblem, stages: Stages) -> KernelMatrix:
    features, device, kernel = problem.features, problem.device, problem.kernel
    if problem.need.form == "accumulated" and isinstance(kernel, ProductKernel):
        train, others = problem.train, problem.others
        with stages.stage("kernel matrix", features.parts, problem.need.work.matrix) as tick:
            return AccumulatedMatrix.of(kernel, features, train, others, device, tick)
    held, others = _features(problem, stages)
    return MatrixOfFeatures(kernel, held, others)


def _features(problem: KernelProblem, stages: Stages) -> tuple[Tensor, list[Tensor]]:
    count = len(problem.train) + sum(map(len, problem.others))
    whole, device = problem.features.whole, problem.device
    with stages.stage("features", count, problem.need.work.features) as tick:
        return (
            whole(problem.train, device, tick),
            [whole(images, device, tick) for images in problem.others],
        )


def _dual(problem: KernelProblem, matrix: KernelMatrix, stages: Stages) -> Interpolant:
    work, size = problem.need.work, matrix.size
    building = 0.0 if problem.need.form == "accumulated" else work.matrix
    with stages.stage("factorization", size**3 / 6, building + work.factorization) as tick:
        factor = factorized(matrix, problem.ridge, problem.dtype, tick)
    passes = problem.need.passes * BlockColumns(size).entries
    with stages.stage("refinement", passes, work.refinement) as tick:
        found = solved(matrix, factor, problem.targets, problem.ridge, tick)
    entries = size * sum(map(len, problem.others))
    with stages.stage("test samples", entries, work.held_out) as tick:
        others = [
            matrix.held_out(split, found.coefficients, tick) for split in range(len(problem.others))
        ]
    return Interpolant(found.fitted, others, found.norm, found.residual, found.refinements)


def _primal(problem: KernelProblem, stages: Stages) -> Interpolant:
    held, others = _features(problem, stages)
    sums = float(len(held)) * BlockColumns(held.shape[1]).entries
    with stages.stage("least squares", sums, problem.need.work.matrix) as tick:
        if problem.need.form == "orthogonal":
            fitted = LeastSquares.by_orthogonal_factors(held, problem.targets)
        else:
            fitted = LeastSquares.fit(held, problem.targets, problem.ridge, tick)
    norm = float(fitted.weights.norm())
    return Interpolant(fitted(held), [fitted(x) for x in others], norm, rank=fitted.rank)
