"""Influences and what they foretell, against their definitions and on known truth."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from nullfit.tasks.memorization import influence
from nullfit.tasks.memorization.datamodel import halves, influence_score, ranking_scores
from nullfit.tasks.memorization.influence import influences
from tests.tasks.memorization.by_hand import answers


def drawn(trainings=60, samples=9, tested=5, seed=0):
    random = np.random.default_rng(seed)
    subset = random.random((trainings, samples)) < 0.6
    return answers(subset, subset, random.random((trainings, tested)) < 0.5)


@pytest.mark.parametrize("block", [1, 10_000])
def test_influences_are_the_differences_that_their_definition_says(block, monkeypatch) -> None:
    monkeypatch.setattr(influence, "_BLOCK_VALUES", block)
    of = drawn()
    expected = {}
    for i in range(9):
        inside = of.subset[:, i]
        for z in range(5):
            right = of.test_correct[:, z]
            value = right[inside].mean() - right[~inside].mean()
            if abs(value) >= 0.1:
                expected[i, z] = value
    found = influences(of, 1, 0.1)
    pairs = dict(zip(zip(found.train.tolist(), found.test.tolist(), strict=True),
                     found.values.tolist(), strict=True))  # fmt: skip
    assert pairs == pytest.approx(expected, abs=1e-6)
    assert np.all(np.diff(np.abs(found.values)) <= 0)


def test_several_shares_count_alike() -> None:
    # The first share knows nothing of sample 0, all of whose trainings have it.
    subset = [[1, 0], [0, 1], [1, 1], [1, 0]]
    found = influences(answers(subset, subset, [[1], [0], [0], [1]]), 2, 0.01)
    assert {(i, round(v, 6)) for i, v in zip(found.train, found.values, strict=True)} == {
        (0, 1.0), (1, -1.0),
    }  # fmt: skip


def test_the_largest_pairs_are_kept_where_they_are_too_many(monkeypatch) -> None:
    every = influences(drawn(), 1, 0.01)
    monkeypatch.setattr(influence, "_MOST_PAIRS", 3)
    monkeypatch.setattr(influence, "_BLOCK_VALUES", 5)  # a training sample at a time
    found = influences(drawn(), 1, 0.01)
    assert len(found.values) == 3
    assert found.left_out == len(every.values) - 3
    assert np.array_equal(found.values, every.values[:3])


def linear_truth(trainings, seed=0):
    """Margins that are sums over the subset, with a little noise: what a datamodel assumes."""
    random = np.random.default_rng(seed)
    attributions = random.normal(size=(12, 4))
    subset = random.random((trainings, 12)) < 0.5
    margins = subset @ attributions + 0.1 * random.normal(size=(trainings, 4))
    return attributions, answers(subset, subset, margins > 0, test_margin=margins)


def test_the_score_of_a_ranking_is_the_mean_rank_correlation_of_its_sums() -> None:
    attributions, of = linear_truth(50)
    one = attributions[:, 0]
    expected = np.mean(
        [spearmanr(of.subset @ one, of.test_margin[:, z]).statistic for z in range(4)]
    )
    found = ranking_scores({"one": one, "not": -one}, of, 1)
    assert found == pytest.approx({"one": expected, "not": -expected})


def test_influences_foretell_margins_that_are_sums_and_nothing_foretells_noise() -> None:
    _, of = linear_truth(2000)
    parts = halves(of, 1)
    assert parts is not None
    assert influence_score(*parts, 1) > 0.9
    noise = drawn(trainings=2000)
    parts = halves(noise, 1)
    assert parts is not None
    assert abs(influence_score(*parts, 1)) < 5 / np.sqrt(1000)


def test_halves_part_the_trainings_of_each_share() -> None:
    of = drawn(trainings=80)
    parts = halves(of, 2)
    assert parts is not None
    first, second = (part.trainings.tolist() for part in parts)
    assert first == list(range(40))
    assert second == list(range(40, 80))
    assert halves(drawn(trainings=30), 2) is None
