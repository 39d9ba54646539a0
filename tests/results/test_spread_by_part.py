"""The spread of runs while one part of their randomness alone differs."""

from pathlib import Path

import numpy as np
import pytest

from nullfit.results.spread_by_part import spread_by_part
from nullfit.results.task_run import TaskRun


def run(value: float, seed: int = 0, **seeds: int) -> TaskRun:
    return TaskRun(Path("job"), {"metrics": {"x": value}}, {"seed": seed, "seeds": seeds})


def test_each_part_is_found_again() -> None:
    draws = np.random.default_rng(0)
    labels, weights = draws.normal(0, 3, 40), draws.normal(0, 1, 40)
    runs = [
        run(labels[c] + weights[i], corruption=c, initialization=i)
        for c in range(40)
        for i in range(40)
    ]
    found = spread_by_part(runs, "x")
    assert found.keys() == {"corruption", "initialization"}
    assert found["corruption"].sd == pytest.approx(labels.std(ddof=1))
    assert found["initialization"].sd == pytest.approx(weights.std(ddof=1))
    assert found["initialization"].degrees == 40 * 39


def test_seeds_of_all_parts_at_once_tell_none_from_another() -> None:
    assert spread_by_part([run(seed, seed=seed) for seed in range(5)], "x") == {}


def test_a_part_that_is_left_to_the_seed_has_that_seed() -> None:
    found = spread_by_part([run(1.0), run(3.0, order=1), run(9.0, seed=2)], "x")
    assert found.keys() == {"order"}
    assert found["order"].sd == pytest.approx(2**0.5)
