"""Normal scores of columns."""

import numpy as np
import torch
from scipy.stats import norm

from nullfit.tasks.permutation.normal_scores import normal_scores


def test_monotone_changes_of_scale_change_nothing() -> None:
    column = torch.randn(50, 1, generator=torch.Generator().manual_seed(0))
    scores = normal_scores(torch.cat([column, column.exp(), column**3], dim=1))
    assert torch.equal(scores[:, 0], scores[:, 1])
    assert torch.equal(scores[:, 0], scores[:, 2])


def test_scores_are_quantiles_of_ranks() -> None:
    found = normal_scores(torch.tensor([[3.0], [1.0], [2.0], [10.0]]))[:, 0].numpy()
    expected = norm.ppf((np.array([3, 1, 2, 4]) - 0.5) / 4)
    np.testing.assert_allclose(found, expected / expected.std(), rtol=1e-6)


def test_equal_values_stay_equal_and_constants_become_zero() -> None:
    scores = normal_scores(torch.tensor([[0.0, 4.0], [1.0, 4.0], [0.0, 4.0], [1.0, 4.0]]))
    assert scores[:, 0].tolist() == [-1.0, 1.0, -1.0, 1.0]
    assert scores[:, 1].tolist() == [0.0] * 4
