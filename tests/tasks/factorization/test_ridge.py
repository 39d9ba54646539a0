"""Each row's system is solved on its own observed entries, and exactly."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from nullfit.tasks.factorization import ridge
from nullfit.tasks.factorization.observed import Observed
from nullfit.tasks.factorization.ridge import ridge_rows


def factors(rank: int, rows: int = 20) -> torch.Tensor:
    return torch.randn(rows, rank, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("block", [1, 40, 2**23])
def test_the_rows_are_those_of_scikit_learns_ridge(holes, block, monkeypatch) -> None:
    monkeypatch.setattr(ridge, "_NUMBERS_PER_BLOCK", block)
    v = factors(4)
    found = ridge_rows(holes.observed, v, 0.3)
    for row in set(range(30)) - {3}:
        seen = holes.mask[row]
        expected = Ridge(alpha=0.3, fit_intercept=False).fit(v[seen], holes.matrix[row, seen])
        np.testing.assert_allclose(found[row], expected.coef_, rtol=1e-10)


@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_a_row_without_entries_gets_zero(holes, penalty) -> None:
    found = ridge_rows(holes.observed, factors(4), penalty)
    assert not found[3].any()
    assert found.isfinite().all()


@pytest.mark.parametrize("rank", [3, 9, 15])
def test_without_a_penalty_it_is_the_shortest_of_the_solutions(holes, rank) -> None:
    v = factors(rank)  # with rank 15 no row has entries enough
    found = ridge_rows(holes.observed, v, 0.0)
    for row in range(30):
        seen = holes.mask[row]
        expected = np.linalg.pinv(v[seen].numpy()) @ holes.matrix[row, seen].numpy()
        np.testing.assert_allclose(found[row], expected, atol=1e-9)


def test_two_equal_columns_share_their_weight() -> None:
    normal = torch.ones(1, 2, 2, dtype=torch.float64)
    found = ridge.solve(normal, torch.ones(1, 2, dtype=torch.float64), 0.0)
    torch.testing.assert_close(found, torch.full((1, 2), 0.5, dtype=torch.float64))


def test_an_observed_zero_is_data_and_an_unobserved_cell_is_not(holes) -> None:
    v = factors(3)
    before = ridge_rows(holes.observed, v, 0.1)
    holes.matrix[~holes.mask] = 1e6
    torch.testing.assert_close(ridge_rows(of(holes, holes.mask), v, 0.1), before)
    row = int((holes.mask & (holes.matrix == 0)).any(1).nonzero()[0])
    without_zeros = of(holes, holes.mask & (holes.matrix != 0))
    assert not torch.allclose(ridge_rows(without_zeros, v, 0.1)[row], before[row])


def of(holes, mask) -> Observed:
    rows, columns = mask.nonzero(as_tuple=True)
    return Observed.of(rows, columns, holes.matrix[rows, columns], (30, 20))
