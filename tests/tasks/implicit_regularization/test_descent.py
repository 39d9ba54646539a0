"""What descent does at every step, whatever the batches."""

from itertools import pairwise

import pytest
import torch

from nullfit.tasks.implicit_regularization.descent import Descent, watched_steps
from nullfit.tasks.implicit_regularization.linear_problem import LinearProblem
from nullfit.tasks.implicit_regularization.starts import random_start, side_by_side

RANDOM = torch.Generator().manual_seed(0)
PROBLEM = LinearProblem.of(
    torch.randn(12, 30, dtype=torch.float64, generator=RANDOM),
    torch.randn(12, 3, dtype=torch.float64, generator=RANDOM),
)


def distances(batch_size, rate, steps=400, start=None):
    """Distance to the solution at the watched steps, and the last weights."""
    weights = side_by_side(PROBLEM, None) if start is None else start.clone()
    seen = []

    def watch(step, now):
        seen.append(float((now - PROBLEM.minimum_norm).norm()))
        return False

    descent = Descent(rate / PROBLEM.curvature(batch_size), batch_size, steps, seed=0)
    assert descent.run(PROBLEM, weights, watch) == steps
    return seen, weights


@pytest.mark.parametrize("batch_size", [1, 5, 12, 100])
@pytest.mark.parametrize("rate", [0.3, 1.0, 1.9])
def test_no_step_leads_away_from_the_solution(batch_size, rate):
    seen, _ = distances(batch_size, rate)
    for earlier, later in pairwise(seen):
        assert later <= earlier * (1 + 1e-12) + 1e-13


@pytest.mark.parametrize("batch_size", [1, 5])
def test_the_descent_never_leaves_the_span_of_the_samples(batch_size):
    _, weights = distances(batch_size, 1.0, 50)
    assert PROBLEM.outside(weights).norm() < 1e-12
    assert (weights - PROBLEM.minimum_norm).norm() > 1e-4


def test_it_arrives_within_the_expected_steps():
    steps = int(PROBLEM.expected_steps(1.0, 1, 1e-3))
    seen, _ = distances(1, 1.0, steps)
    assert seen[-1] < 1e-3 * seen[0]


def test_starts_side_by_side_are_those_alone():
    start = random_start(PROBLEM, 2.0, seed=3)
    assert float(start.norm()) == pytest.approx(2 * float(PROBLEM.minimum_norm.norm()))
    both = side_by_side(PROBLEM, start)
    descent = Descent(1 / PROBLEM.curvature(2), 2, 3000, seed=0)
    descent.run(PROBLEM, both, lambda step, weights: False)
    alone = start.clone()
    descent.run(PROBLEM, alone, lambda step, weights: False)
    torch.testing.assert_close(both[:, 3:], alone)
    torch.testing.assert_close(
        alone, PROBLEM.minimum_norm + PROBLEM.outside(start), atol=1e-4, rtol=0
    )


def test_an_epoch_sees_every_sample_once():
    descent = Descent(0.1, 5, 3, seed=1)
    seen = descent._batches(PROBLEM)
    first = torch.cat([next(seen) for _ in range(3)])
    second = torch.cat([next(seen) for _ in range(3)])
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(12))
    assert first.tolist() != second.tolist()


def test_watching_ends_it():
    weights = side_by_side(PROBLEM, None)
    assert Descent(0.01, 1, 1000, 0).run(PROBLEM, weights, lambda step, _: step >= 10) == 10


def test_watched_steps_are_even_on_a_logarithmic_axis():
    steps = watched_steps(1000)
    assert steps[:3] == [1, 2, 3]
    assert steps[-1] == 1000
    assert 80 < len(steps) <= 121
    assert watched_steps(1) == [1]
