"""p-values against their definitions, spelt out."""

from itertools import pairwise

import numpy as np
import pytest

from nullfit.tasks.permutation.p_values import adjustments, p_bh, p_holm, p_max_t, p_values


def drawn(seed, features=7, replicates=39, shift=1.0):
    random = np.random.default_rng(seed)
    null = random.normal(size=(replicates, features)) + random.normal(size=(replicates, 1))
    return random.normal(size=features) + shift, null


def test_the_observed_statistic_counts_as_a_replicate():
    statistic, null = np.array([3.0, 1.0, 0.5]), np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 2.0]])
    np.testing.assert_allclose(p_values(statistic, null), [1 / 3, 2 / 3, 1.0])


@pytest.mark.parametrize("seed", range(5))
def test_holm_and_benjamini_hochberg_by_their_definition(seed):
    statistic, null = drawn(seed)
    raw = p_values(statistic, null)
    ordered, count = np.sort(raw), len(raw)
    holm = [
        min(1, max((count - i) * ordered[i] for i in range(count) if ordered[i] <= p)) for p in raw
    ]
    bh = [min(count / (i + 1) * ordered[i] for i in range(count) if ordered[i] >= p) for p in raw]
    np.testing.assert_allclose(p_holm(statistic, null), holm)
    np.testing.assert_allclose(p_bh(statistic, null), bh)


@pytest.mark.parametrize("seed", range(5))
def test_max_t_by_its_definition(seed):
    statistic, null = drawn(seed)
    order = sorted(range(len(statistic)), key=lambda j: -statistic[j])
    expected, so_far = {}, 0.0
    for rank, feature in enumerate(order):
        left = order[rank:]
        reached = sum(max(row[j] for j in left) >= statistic[feature] for row in null)
        so_far = max(so_far, (1 + reached) / (len(null) + 1))
        expected[feature] = so_far
    found = p_max_t(statistic, null)
    np.testing.assert_allclose(found, [expected[j] for j in range(len(statistic))])
    assert (found >= p_values(statistic, null)).all()
    assert all(found[a] <= found[b] for a, b in pairwise(order))


def test_max_t_rejects_where_holm_cannot():
    random = np.random.default_rng(0)
    statistic, null = np.full(64, 100.0), random.normal(size=(99, 64))
    assert (p_max_t(statistic, null) == 0.01).all()
    assert (p_holm(statistic, null) == 0.64).all()


def test_max_t_holds_the_familywise_error_rate():
    tests = [drawn(seed, features=10, replicates=99, shift=0.0) for seed in range(400)]
    # In `drawn` the observed row lacks the shared part; here every row has it.
    wrong = 0
    for seed, (_, null) in enumerate(tests):
        row = np.random.default_rng(seed).integers(len(null))
        wrong += (p_max_t(null[row], np.delete(null, row, 0)) <= 0.05).any()
    assert wrong / len(tests) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(tests))


@pytest.mark.parametrize("null", ["feature", "conditional", "freedman_lane"])
def test_max_t_is_offered_only_where_rows_are_joint_draws(null):
    """Features permuted one at a time say nothing of the largest of their statistics."""
    assert set(adjustments("labels")) == {*adjustments(null), "p_max_t"}
    assert set(adjustments(null)) == {"p_value", "p_holm", "p_bh"}
