"""Least-squares fits of some inputs on all others."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from nullfit.console.progress import track

_TITLE = "what the other inputs tell of each"
# An input is determined by the others if this share of its variance or less is left.
_DETERMINED = 1e-9
_NEGLIGIBLE = 1e-10  # eigenvalues below this share of the largest count as zero


@dataclass(frozen=True)
class ColumnFit:
    """What the other inputs tell of a feature's columns, by how many terms beside a constant."""

    columns: Float32[Tensor, "n p"]
    terms: int


def least_squares_fit(
    inputs: Float32[Tensor, "n d"],
    features: Sequence[Int64[Tensor, " _p"]],
    *,
    shown: bool = False,
) -> list[ColumnFit | None]:
    """The fit of each feature's columns on a constant and all inputs outside of the feature.

    ``shown``: how many are done, where that takes long: each feature that is collinear with others
    takes a decomposition of its own, of d³ steps.

    None for a feature of which the others leave nothing, or that is constant. Directions in which
    the others do not vary are left out (a pseudo-inverse), so inputs may be collinear.
    """
    mean = inputs.mean(0, dtype=torch.float64)
    centred = inputs.double() - mean
    gram = centred.T @ centred
    coefficients = gram.new_zeros(gram.shape)
    solve = _Regressions(gram)
    for positions in track(features, len(features), _TITLE, shown=shown):
        coefficients[:, positions] = solve(positions)
    fitted = centred @ coefficients
    left = (centred - fitted).square_().sum(0)
    there = gram.diagonal()
    fits: list[ColumnFit | None] = []
    for positions in features:
        determined = left[positions].sum() <= _DETERMINED * there[positions].sum()
        columns = fitted[:, positions] + mean[positions]
        terms = max(solve.rank - len(positions), 0)
        fits.append(None if determined else ColumnFit(columns.float(), terms))
    return fits


class _Regressions:
    """Coefficients of inputs on all others, from the Gram matrix of the centred inputs.

    With V = G⁺ E_S and no collinearity that touches S, G V = E_S: the residuals X V are orthogonal
    to all other inputs, so that the coefficients are −V V_SS⁻¹ outside of S. One decomposition
    serves all features; those in a collinearity get a system of their own.
    """

    def __init__(self, gram: Float64[Tensor, "d d"]) -> None:
        self.gram = gram
        values, vectors = torch.linalg.eigh(gram)
        kept = values > _NEGLIGIBLE * values[-1].clamp_min(torch.finfo(gram.dtype).tiny)
        basis = vectors[:, kept]
        self.rank = int(kept.sum())
        self.inverse = (basis / values[kept]) @ basis.T
        self.collinear = 1 - (basis * basis).sum(1) > 1e-9

    def __call__(self, positions: Int64[Tensor, " p"]) -> Float64[Tensor, "d p"]:
        """The coefficients (zero at the feature's own inputs)."""
        columns = self.gram.new_zeros(len(self.gram), len(positions))
        if not self.gram.diagonal()[positions].any():
            return columns
        others = torch.ones(len(self.gram), dtype=torch.bool).index_fill_(0, positions, False)
        if self.collinear[positions].any():
            columns[others] = _solved(self.gram[others][:, others], self.gram[others][:, positions])
            return columns
        rows = self.inverse[:, positions]
        columns[others] = -torch.linalg.solve(rows[positions].T, rows[others].T).T
        return columns


def _solved(gram: Float64[Tensor, "q q"], right: Float64[Tensor, "q p"]) -> Float64[Tensor, "q p"]:
    """The smallest solution of gram · x = right for a positive semidefinite Gram matrix."""
    values, vectors = torch.linalg.eigh(gram)
    kept = values > _NEGLIGIBLE * values[-1:].clamp_min(torch.finfo(gram.dtype).tiny)
    basis = vectors[:, kept]
    solution: Tensor = basis @ ((basis.T @ right) / values[kept, None])
    return solution
