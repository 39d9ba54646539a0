"""The factorization by block columns against the library's."""

import pytest
import torch

from nullfit.tasks.kernel.cholesky import Cholesky, NotPositiveDefiniteError
from nullfit.tasks.kernel.packed import BlockColumns


def positive_definite(size: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(size)
    factor = torch.randn(size, 2 * size, dtype=torch.float64, generator=random)
    return factor @ factor.T


def column_of(matrix: torch.Tensor):
    return lambda start, stop: matrix[start:, start:stop].clone()


@pytest.mark.parametrize(("size", "block"), [(1, 4), (4, 4), (5, 4), (17, 4), (64, 8), (33, 512)])
def test_factor_and_solution(size, block):
    matrix = positive_definite(size)
    ticks = []
    found = Cholesky.factorize(column_of(matrix), size, block=block, tick=ticks.append)
    whole = torch.zeros_like(matrix)
    for column, (start, stop) in zip(found.columns, found.layout, strict=True):
        whole[start:, start:stop] = column
    torch.testing.assert_close(whole, torch.linalg.cholesky(matrix))
    targets = torch.randn(size, 3, dtype=torch.float64)
    torch.testing.assert_close(found.solve(targets), torch.linalg.solve(matrix, targets))
    assert sum(ticks) == pytest.approx(size**3 / 6, rel=2 * block / size + 0.1) or size <= block


def test_only_half_the_matrix_is_held():
    assert BlockColumns(60_000).entries < 0.51 * 60_000**2
    assert BlockColumns(5, 2).entries == 5 * 2 + 3 * 2 + 1
    assert list(BlockColumns(5, 2)) == [(0, 2), (2, 4), (4, 5)]


@pytest.mark.parametrize("wrong", [0, 3, 6])
def test_the_column_where_it_is_indefinite_is_named(wrong):
    matrix = torch.eye(7, dtype=torch.float64)
    matrix[wrong, wrong] = -1
    with pytest.raises(NotPositiveDefiniteError) as caught:
        Cholesky.factorize(column_of(matrix), 7, block=2)
    assert caught.value.column == wrong


def test_it_works_in_the_matrix_own_type():
    matrix = positive_definite(20).float()
    found = Cholesky.factorize(column_of(matrix), 20, block=8)
    assert {column.dtype for column in found.columns} == {torch.float32}
    targets = torch.ones(20, 1, dtype=torch.float64)
    assert found.solve(targets).dtype == torch.float64
