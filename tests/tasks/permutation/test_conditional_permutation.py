"""Permutations that keep what the other inputs tell."""

from itertools import permutations

import numpy as np
import pytest
import torch

from nullfit.seeds import generator
from nullfit.tasks.permutation.conditional_permutation import Conditioned
from nullfit.tasks.permutation.nulls import Conditional
from nullfit.tasks.permutation.problem import Feature, PermutationProblem
from nullfit.tasks.permutation.residuals import ColumnFit


def problem(*columns: np.ndarray) -> PermutationProblem:
    """Each argument is a feature: a column, or several."""
    blocks = [column.reshape(len(column), -1) for column in columns]
    ends = np.cumsum([block.shape[1] for block in blocks])
    inputs = torch.from_numpy(np.column_stack(blocks).astype(np.float32))
    features = tuple(
        Feature(f"x{j}", torch.arange(end - block.shape[1], end))
        for j, (block, end) in enumerate(zip(blocks, ends, strict=True))
    )
    return PermutationProblem(inputs, inputs[:, 0].clone(), features, "regression")


def test_permutations_have_the_probabilities_of_their_products() -> None:
    values, tilts = np.array([[0.0], [1.0], [3.0]]), np.array([[0.0], [0.2], [0.5]])
    orders = list(permutations(range(3)))
    weights = np.exp([(values[list(order)] * tilts).sum() for order in orders])
    given, begun = Conditioned(values, tilts, 0.5), torch.tensor([2, 1, 0])
    drawn = [
        tuple(given.permutation(begun, generator(0, number)).tolist()) for number in range(1500)
    ]
    found = np.array([drawn.count(order) for order in orders]) / len(drawn)
    np.testing.assert_allclose(found, weights / weights.sum(), atol=0.04)


def test_what_hangs_on_nothing_is_permuted_freely() -> None:
    random = torch.Generator().manual_seed(0)
    columns, noise = torch.randn(100, 1, generator=random), torch.randn(100, 20, generator=random)
    design = torch.cat([torch.ones(100, 1), noise], dim=1)
    fitted = design @ torch.linalg.lstsq(design, columns).solution
    assert fitted.var() > 0.1  # twenty terms find something in a hundred samples
    given = Conditioned.of(columns, ColumnFit(fitted, 20))
    assert given.explained < 0.05
    assert np.abs(given.tilts).max() < 0.5


def test_jointly_normal_inputs_have_the_tilt_of_their_conditional_distribution() -> None:
    random = torch.Generator().manual_seed(1)
    first = torch.randn(5000, 1, generator=random)
    second = 0.8 * first + 0.6 * torch.randn(5000, 1, generator=random)
    given = Conditioned.of(second, ColumnFit(0.8 * first, 1))
    expected = 0.8 * (first - first.mean()).numpy() / 0.36
    np.testing.assert_allclose(given.tilts, expected, atol=0.02 + 0.05 * np.abs(expected).max())
    assert given.explained == pytest.approx(0.64, abs=0.02)


def test_values_are_kept_and_columns_of_a_category_move_together() -> None:
    random = np.random.default_rng(2)
    number = random.normal(size=300)
    level = np.digitize(number + random.normal(size=300), [-0.5, 0.5])
    null = Conditional(problem(number, np.eye(3)[level]), seed=0)
    drawn = null.draw(0, 1).columns
    assert drawn is not None
    assert torch.equal(drawn.sum(1), torch.ones(300))
    assert drawn.sum(0).tolist() == np.bincount(level).tolist()
    assert (drawn.argmax(1).numpy() != level).mean() > 0.2
    means = [number[drawn[:, j] == 1].mean() for j in range(3)]
    assert means == pytest.approx([number[level == j].mean() for j in range(3)], abs=0.15)


@pytest.mark.parametrize("scale", [np.exp, np.sign, lambda x: np.maximum(x, 0)])
def test_dependence_is_kept_on_any_scale(scale) -> None:
    random = np.random.default_rng(3)
    first = random.normal(size=2000)
    second = scale(0.8 * first + 0.6 * random.normal(size=2000))
    drawn = Conditional(problem(first, second), seed=0).draw(0, 1).columns
    assert drawn is not None
    assert sorted(drawn[:, 0].tolist()) == sorted(second.astype(np.float32).tolist())
    before, after = (
        np.corrcoef(first, column)[0, 1] for column in (second, drawn[:, 0].double().numpy())
    )
    assert after == pytest.approx(before, abs=0.07)


def test_p_values_of_a_binary_proxy_are_uniform() -> None:
    """Without networks: the statistic is the correlation of what x1 leaves of x2 and target."""
    random = np.random.default_rng(4)
    p = []
    for seed in range(150):
        first = random.normal(size=80)
        second = (0.8 * first + 0.6 * random.normal(size=80) > 0).astype(float)
        target = first + random.normal(size=80)
        null = Conditional(problem(first, second), seed)
        statistics = [abs(np.corrcoef(second, target)[0, 1])] + [
            abs(np.corrcoef(null.draw(b, 1).columns[:, 0].numpy(), target)[0, 1]) for b in range(9)
        ]
        p.append(np.mean(np.array(statistics) >= statistics[0]))
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.07)
    assert np.mean(np.array(p) <= 0.5) == pytest.approx(0.5, abs=0.12)
