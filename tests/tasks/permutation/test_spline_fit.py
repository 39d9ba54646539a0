"""What other inputs tell of a feature."""

import pytest
import torch

from nullfit.tasks.permutation.residuals import least_squares_fit
from nullfit.tasks.permutation.spline_fit import curves, spline_fit

POSITIONS = [torch.tensor([0]), torch.tensor([1]), torch.tensor([2])]


def inputs(samples: int) -> torch.Tensor:
    return torch.randn(samples, 3, generator=torch.Generator().manual_seed(0))


def explained(columns: torch.Tensor, fit: torch.Tensor) -> float:
    return float(1 - (columns - fit).var() / columns.var())


@pytest.mark.parametrize("curve", [torch.square, torch.sin, lambda x: x**3])
def test_a_smooth_function_of_another_input_is_found(curve) -> None:
    table = inputs(400)
    table[:, 1] = curve(table[:, 0])
    found = spline_fit(table, POSITIONS)[1]
    # A cubic is in the span: then nothing is left, which is told by None.
    assert found is None or explained(table[:, 1], found.columns[:, 0]) > 0.98


def test_a_product_of_two_is_not() -> None:
    table = inputs(2000)
    table[:, 1] = table[:, 0] * table[:, 2]
    found = spline_fit(table, POSITIONS)[1]
    assert found is not None
    assert explained(table[:, 1], found.columns[:, 0]) < 0.1


@pytest.mark.parametrize(("samples", "columns"), [(400, 12), (60, 9), (44, 6), (28, 3), (20, 0)])
def test_few_samples_allow_few_bends(samples: int, columns: int) -> None:
    """Four samples for each column: the constant, three inputs, and what makes curves."""
    added, owners = curves(inputs(samples))
    assert added.shape == (samples, columns)
    assert owners.bincount(minlength=3).tolist() == [columns // 3] * 3


def test_without_bends_it_is_least_squares() -> None:
    table = inputs(16)
    for own, plain in zip(
        spline_fit(table, POSITIONS), least_squares_fit(table, POSITIONS), strict=True
    ):
        assert own is not None
        assert plain is not None
        assert own.terms == plain.terms == 2
        torch.testing.assert_close(own.columns, plain.columns)


def test_categories_stay_as_they_are() -> None:
    table = inputs(400)
    table[:, 2] = (table[:, 2] > 0).float()
    _, owners = curves(table)
    assert set(owners.tolist()) == {0, 1}


def test_a_feature_that_others_determine_has_no_fit() -> None:
    table = inputs(400)
    table[:, 2] = table[:, 0] - 2 * table[:, 1]
    assert spline_fit(table, POSITIONS) == [None, None, None]


def test_residuals_are_orthogonal_to_the_other_inputs() -> None:
    table = inputs(300)
    found = spline_fit(table, POSITIONS)[0]
    assert found is not None
    residuals = (table[:, :1] - found.columns).double()
    others = torch.cat([torch.ones(300, 1), table[:, 1:]], dim=1).double()
    assert float((others.T @ residuals).abs().max()) < 1e-3
