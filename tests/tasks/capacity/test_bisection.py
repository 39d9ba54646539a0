"""Bisection with a test that is known, in place of trainings."""

import pytest

from nullfit.tasks.capacity.bisection import Bracket, bisect


def searched(capacity, start=100, limit=10_000, tolerance=0.05):
    """What is found of a network that fits up to ``capacity`` samples, and what was tried."""
    tried = []

    def fits(samples):
        tried.append(samples)
        return samples <= capacity

    return bisect(fits, start, limit, tolerance), tried


@pytest.mark.parametrize("start", [1, 100, 10_000])
@pytest.mark.parametrize("capacity", [1, 2, 3, 17, 99, 100, 101, 640, 9_999])
def test_it_ends_next_to_the_capacity_wherever_it_begins(capacity, start) -> None:
    found, tried = searched(capacity, start)
    assert found.failed is not None
    assert found.fitted <= capacity < found.failed
    assert found.failed - found.fitted <= max(1, 0.05 * found.fitted)
    assert len(tried) == len(set(tried)) <= 25
    assert all(1 <= samples <= 10_000 for samples in tried)


def test_a_small_tolerance_finds_it_exactly() -> None:
    assert searched(640, tolerance=1e-9)[0] == Bracket(640, 641)


@pytest.mark.parametrize("start", [1, 70, 100])
def test_what_fits_all_samples_is_only_a_bound(start) -> None:
    found, tried = searched(1000, start, limit=100)
    assert found == Bracket(100, None)
    assert max(tried) == 100


def test_a_network_that_fits_nothing_ends_at_zero() -> None:
    found, tried = searched(0)
    assert found == Bracket(0, 1)
    assert tried == [100, 50, 25, 12, 6, 3, 1]
