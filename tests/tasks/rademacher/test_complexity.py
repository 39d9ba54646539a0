"""Correlations, their interval, and the bound that follows."""

import math

import pytest
from scipy import stats

from nullfit.tasks.rademacher.complexity import Complexity, correlation, gap_bound


def test_correlation_of_all_half_and_no_signs() -> None:
    assert [correlation(share) for share in (1.0, 0.5, 0.0)] == [1.0, 0.0, -1.0]


def test_the_interval_is_students() -> None:
    values = [0.81, 0.78, 0.86, 0.80, 0.83]
    found = Complexity.of(values)
    low, high = stats.t.interval(0.95, 4, loc=sum(values) / 5, scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.sd == pytest.approx(stats.tstd(values))


def test_the_interval_stays_where_correlations_lie() -> None:
    found = Complexity.of([1.0, 0.98, 1.0])
    assert found.high == 1.0
    assert found.low < found.mean


def test_one_draw_has_no_interval() -> None:
    assert Complexity.of([0.5]) == Complexity(0.5, None, None, None, 1)


def test_the_bound_is_the_complexity_and_what_chance_may_add() -> None:
    # 3 √(ln(2/δ) / 2n) at δ = 0.05 and n = 1000 is 3 · √(ln 40 / 2000)
    assert gap_bound(0.2, 1000) == pytest.approx(0.2 + 3 * math.sqrt(math.log(40) / 2000))
    assert gap_bound(1.0, 10**9) >= 1
    assert gap_bound(0.0, 10**9) < 1e-3


@pytest.mark.parametrize(
    ("reached", "known"), [([1.0, 1.0], True), ([1.0, 0.998], False), ([0.15], False)]
)
def test_a_bound_follows_only_where_all_signs_are_fitted(reached: list[float], known: bool) -> None:
    # What training reaches bounds the complexity from below; only 1 is certainly the largest.
    found = Complexity.of(reached)
    assert found.gap_bound(1000) == (gap_bound(1.0, 1000) if known else None)
