"""A small matrix with holes."""

from typing import NamedTuple

import pytest
import torch

from nullfit.tasks.factorization.observed import Observed


class Holes(NamedTuple):
    """A dense matrix, its mask of observed cells, and the same as `Observed`."""

    matrix: torch.Tensor
    mask: torch.Tensor
    observed: Observed


def observed(matrix: torch.Tensor, mask: torch.Tensor, order: torch.Tensor | None = None):
    rows, columns = mask.nonzero(as_tuple=True)
    order = torch.arange(len(rows)) if order is None else order
    rows, columns = rows[order], columns[order]
    return Observed.of(rows, columns, matrix[rows, columns], tuple(matrix.shape))


@pytest.fixture
def holes() -> Holes:
    """30 × 20, half observed, one row and one column without any entry; observed zeros in it."""
    random = torch.Generator().manual_seed(0)
    matrix = torch.randn(30, 20, generator=random, dtype=torch.float64)
    mask = torch.rand(30, 20, generator=random) < 0.5
    mask[3], mask[:, 7] = False, False
    matrix[mask & (torch.rand(30, 20, generator=random) < 0.2)] = 0.0
    order = torch.randperm(int(mask.sum()), generator=random)
    return Holes(matrix, mask, observed(matrix, mask, order))
