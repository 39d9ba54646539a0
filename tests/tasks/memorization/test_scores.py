"""Memorization and C-scores against their definitions."""

import numpy as np
import pytest

from nullfit.tasks.memorization.scores import scores
from tests.tasks.memorization.by_hand import answers


def by_definition(subset, correct, sample):
    """Counted one by one: accuracies with the sample and without it."""
    inside = [c[sample] for s, c in zip(subset, correct, strict=True) if s[sample]]
    outside = [c[sample] for s, c in zip(subset, correct, strict=True) if not s[sample]]
    return sum(inside) / len(inside), sum(outside) / len(outside)


def test_scores_are_the_differences_and_rates_that_their_definitions_say() -> None:
    random = np.random.default_rng(0)
    subset, correct = random.random((40, 7)) < 0.7, random.random((40, 7)) < 0.6
    found = scores(answers(subset, correct), 1)
    for sample in range(7):
        inside, outside = by_definition(subset, correct, sample)
        assert found["memorization"][sample] == pytest.approx(inside - outside)
        assert found["c_score"][sample] == pytest.approx(outside)


def test_held_out_probability_is_that_of_the_networks_without_the_sample() -> None:
    subset = [[1, 0], [0, 1], [0, 1]]
    margin = [[9.0, 0.0], [0.0, 9.0], [np.log(3), 9.0]]
    found = scores(answers(subset, subset, margin=margin), 1)["held_out_probability"]
    assert found == pytest.approx([(0.5 + 0.75) / 2, 0.5], abs=1e-3)


def test_several_shares_count_alike_where_a_sample_is_known() -> None:
    # Trainings 0, 2, 4 are of the first share, 1, 3 of the second; all of the latter know sample 1.
    subset = [[1, 1], [1, 1], [0, 1], [0, 1], [0, 0]]
    correct = [[1, 1], [1, 1], [0, 1], [1, 1], [1, 0]]
    found = scores(answers(subset, correct), 2)
    assert found["c_score"] == pytest.approx([(0.5 + 1.0) / 2, 0.0])
    assert found["memorization"] == pytest.approx([(0.5 + 0.0) / 2, 1.0])


def test_a_sample_that_all_or_none_saw_has_no_memorization() -> None:
    found = scores(answers([[1, 0, 1], [1, 0, 0]], [[1, 1, 1], [1, 0, 0]]), 1)
    assert np.isnan(found["memorization"]).tolist() == [True, True, False]
    assert np.isnan(found["memorization_error"]).tolist() == [True, True, False]
    assert np.isnan(found["c_score"]).tolist() == [True, False, False]
    assert found["c_score"][1] == 0.5


@pytest.mark.parametrize(("inside", "outside"), [(0.9, 0.3), (1.0, 0.6), (1.0, 1.0)])
def test_the_standard_error_is_what_repetitions_spread(inside, outside) -> None:
    random = np.random.default_rng(1)
    subset = random.random((50, 4000)) < 0.7
    correct = random.random(subset.shape) < np.where(subset, inside, outside)
    found = scores(answers(subset, correct), 1)
    spread = found["memorization"].std()
    stated = np.sqrt((found["memorization_error"] ** 2).mean())
    assert spread <= stated * 1.05
    # Half an answer of either kind keeps it from 0 where all were correct; else it is near.
    assert outside == 1.0 or stated < 1.25 * spread


def test_the_error_stays_below_the_bound_of_the_source() -> None:
    # Feldman and Zhang 2020: 1.09 / √t at worst, at a share of 0.7.
    random = np.random.default_rng(2)
    subset = random.random((400, 500)) < 0.7
    correct = random.random(subset.shape) < 0.5
    errors = scores(answers(subset, correct), 1)["memorization_error"]
    assert errors.mean() <= 1.09 / np.sqrt(400)
