"""Cholesky factorization of a matrix that is made block column by block column.

LAPACK's potrf wants the whole square, can tell no one how far it is, and with 32-bit indices its
builds differ in what they make of more than 2³¹ entries. This one keeps one triangle, in block
columns of which none comes near that limit, and leaves the work to the library's matrix product.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from nullfit.features.features import Tick, silent
from nullfit.tasks.kernel.packed import BLOCK, BlockColumns

BlockColumn = Callable[[int, int], Float[Tensor, "rows columns"]]


class NotPositiveDefiniteError(ArithmeticError):
    """The matrix is singular or indefinite to working precision; ``column`` is where it showed."""

    def __init__(self, column: int) -> None:
        super().__init__(f"not positive definite at column {column}")
        self.column = column


@dataclass(frozen=True)
class Cholesky:
    """The lower factor L of a matrix L Lᵀ, in block columns from the diagonal down."""

    layout: BlockColumns
    columns: list[Float[Tensor, "_ _"]]

    @classmethod
    def factorize(
        cls, column: BlockColumn, size: int, *, block: int = BLOCK, tick: Tick = silent
    ) -> "Cholesky":
        """Factorize the matrix whose block columns ``column(start, stop)`` makes.

        It is asked for rows ``start``… and columns ``start``…``stop``, from left to right, for a
        tensor that may be overwritten (the left-looking algorithm: Golub & Van Loan, Matrix
        Computations, 4.2.6). ``tick`` counts multiplications as they are done; in all
        they are about size³/6.

        Raises:
            NotPositiveDefiniteError: a pivot is not positive.
        """
        factor = cls(BlockColumns(size, block), [])
        for start, stop in factor.layout:
            new = column(start, stop)
            for done, (first, _) in zip(factor.columns, factor.layout, strict=False):
                below = done[start - first :]
                new.addmm_(below, below[: stop - start].T, alpha=-1)
                tick(float(new.numel()) * done.shape[1])
            factor.columns.append(_factorized_(new, start))
            tick(float(new.numel()) * new.shape[1] / 2)
        return factor

    def solve(self, targets: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
        """X with L Lᵀ X = targets, computed in the factor's type and returned in the targets'."""
        x = targets.to(self.columns[0].dtype).clone()
        blocks = list(zip(self.columns, self.layout, strict=True))
        for column, (start, stop) in blocks:
            width = stop - start
            own = torch.linalg.solve_triangular(column[:width], x[start:stop], upper=False)
            x[start:stop] = own
            x[stop:] -= column[width:] @ own
        for column, (start, stop) in reversed(blocks):
            width = stop - start
            known = x[start:stop] - column[width:].T @ x[stop:]
            x[start:stop] = torch.linalg.solve_triangular(column[:width].T, known, upper=True)
        return x.to(targets.dtype)


def _factorized_(
    column: Float[Tensor, "rows columns"], start: int
) -> Float[Tensor, "rows columns"]:
    """Overwrite a block column, updated with those on its left, with that of the factor."""
    width = column.shape[1]
    diagonal, info = torch.linalg.cholesky_ex(column[:width])
    if int(info):
        raise NotPositiveDefiniteError(start + int(info) - 1)
    column[:width] = diagonal
    if len(column) > width:
        below = column[width:]
        below.copy_(torch.linalg.solve_triangular(diagonal.T, below, upper=True, left=False))
    return column
