"""Alternating least squares."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.tasks.factorization.observed import Observed
from nullfit.tasks.factorization.ridge import ridge_rows

_ROWS_PER_BLOCK = 2**16


@dataclass(frozen=True)
class Factors:
    """A matrix as a product: entry (i, j) is ``rows[i] · columns[j]``."""

    rows: Float64[Tensor, "rows k"]
    columns: Float64[Tensor, "columns k"]

    def squared_error(self, observed: Observed) -> float:
        """The sum of squared errors over the observed entries, and over them alone."""
        transposed = self.columns.T.contiguous()
        total = 0.0
        for part, entries in observed.matrices(observed.values, _ROWS_PER_BLOCK):
            errors = torch.sparse.sampled_addmm(entries, self.rows[part], transposed, beta=-1)
            total += float(errors.values().square_().sum())
        return total


class Iteration(NamedTuple):
    """The state after both halves of an iteration.

    ``objective`` is the sum of squared training errors plus both penalties: what never grows.
    """

    number: int
    train_mse: float
    test_mse: float
    objective: float


def alternate(
    train: Observed,
    train_by_column: Observed,
    test: Observed,
    *,
    rank: int,
    lambda_u: float,
    lambda_v: float,
    iterations: int,
    random: torch.Generator,
) -> Iterator[tuple[Iteration, Factors]]:
    """Minimize Σ (x_ij − u_i·v_j)² + λ_u Σ|u_i|² + λ_v Σ|v_j|² over the observed training entries.

    Each iteration solves for all u with v fixed, then for all v with u fixed (Koren, Bell &
    Volinsky, *Matrix factorization techniques for recommender systems*, Computer 2009). v starts
    from Gaussian numbers of variance 1/rank. ``train_by_column`` is ``train`` transposed.
    """
    device = train.values.device
    start = torch.randn(train.width, rank, generator=random, dtype=torch.float64)
    columns = start.to(device) * rank**-0.5
    for number in range(1, iterations + 1):
        rows = ridge_rows(train, columns, lambda_u)
        columns = ridge_rows(train_by_column, rows, lambda_v)
        factors = Factors(rows, columns)
        error = factors.squared_error(train)
        penalty = lambda_u * float(rows.square().sum()) + lambda_v * float(columns.square().sum())
        test_mse = factors.squared_error(test) / len(test)
        yield Iteration(number, error / len(train), test_mse, error + penalty), factors
