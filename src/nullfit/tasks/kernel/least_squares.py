"""The linear kernel on fewer features than samples: solved for the weights instead."""

from dataclasses import dataclass

import torch
from jaxtyping import Float32, Float64
from torch import Tensor

from nullfit.features.features import Tick, silent
from nullfit.tasks.kernel.cholesky import NotPositiveDefiniteError
from nullfit.tasks.kernel.matrix import ROWS
from nullfit.tasks.kernel.packed import BlockColumns

_EPSILON = torch.finfo(torch.float64).eps


@dataclass(frozen=True)
class LeastSquares:
    """Weights W that minimize ‖XW − Y‖² + λ‖W‖²; of several minimizers the one of least norm.

    ``rank`` is that of X, None where a penalty λ > 0 made it unimportant.
    """

    weights: Float64[Tensor, "d c"]
    rank: int | None

    @classmethod
    def fit(
        cls,
        features: Float32[Tensor, "n d"],
        targets: Float64[Tensor, "n c"],
        ridge: float,
        tick: Tick = silent,
    ) -> "LeastSquares":
        """Solve the normal equations in double precision; ``tick`` counts multiplications.

        Eigenvalues of XᵀX below the largest one times d times machine precision count as zero.

        Raises:
            NotPositiveDefiniteError: XᵀX + λI is singular to working precision.
        """
        size = features.shape[1]
        blocks = BlockColumns(size)  # the lower triangle alone is read
        square = torch.zeros(size, size, dtype=torch.float64, device=features.device)
        moments = torch.zeros(size, targets.shape[1], dtype=torch.float64, device=features.device)
        for block, wanted in zip(features.split(ROWS), targets.split(ROWS), strict=True):
            exact = block.double()
            for start, stop in blocks:
                square[start:, start:stop].addmm_(exact[:, start:].T, exact[:, start:stop])
            moments.addmm_(exact.T, wanted)
            tick(float(len(block)) * blocks.entries)
        if ridge:
            square.diagonal().add_(ridge)
            factor, info = torch.linalg.cholesky_ex(square)
            if int(info):
                raise NotPositiveDefiniteError(int(info) - 1)
            return cls(torch.cholesky_solve(moments, factor), None)
        values, vectors = torch.linalg.eigh(square)
        kept = values > values[-1] * size * torch.finfo(torch.float64).eps
        vectors, values = vectors[:, kept], values[kept]
        return cls(vectors @ ((vectors.T @ moments) / values[:, None]), int(kept.sum()))

    @classmethod
    def by_orthogonal_factors(
        cls, features: Float32[Tensor, "n d"], targets: Float64[Tensor, "n c"]
    ) -> "LeastSquares":
        """Solve without a penalty by X = QR in double precision, for any number of features.

        The condition of X is not squared, as it is in XᵀX: with about as many random features as
        samples that would be too much. Where R is singular to working precision the singular values
        of X decide, and those below the largest times max(n, d) times machine precision count as
        zero.
        """
        exact = features.double()
        tall = len(exact) >= exact.shape[1]
        orthogonal, triangle = torch.linalg.qr(exact if tall else exact.T)
        pivots = triangle.diagonal().abs()
        if float(pivots.min()) <= float(pivots.max()) * max(exact.shape) * _EPSILON:
            return cls._by_singular_values(exact, targets)
        if tall:
            weights = torch.linalg.solve_triangular(triangle, orthogonal.T @ targets, upper=True)
        else:
            weights = orthogonal @ torch.linalg.solve_triangular(triangle.T, targets, upper=False)
        return cls(weights, len(pivots))

    @classmethod
    def _by_singular_values(
        cls, exact: Float64[Tensor, "n d"], targets: Float64[Tensor, "n c"]
    ) -> "LeastSquares":
        left, values, right = torch.linalg.svd(exact, full_matrices=False)
        kept = values > values[0] * max(exact.shape) * _EPSILON
        turned = (left.T @ targets)[kept] / values[kept, None]
        return cls(right[kept].T @ turned, int(kept.sum()))

    def __call__(self, features: Float32[Tensor, "n d"]) -> Float64[Tensor, "n c"]:
        """The linear function's values."""
        return torch.cat([block.double() @ self.weights for block in features.split(ROWS)])
