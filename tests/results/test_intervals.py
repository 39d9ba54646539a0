"""Intervals of means over seeds."""

import numpy as np
import pytest

from nullfit.results.intervals import interval_text, t_interval


def test_the_interval_is_students() -> None:
    found = t_interval([0.90, 0.92, 0.97])
    assert found is not None
    assert (found.mean, found.n) == (pytest.approx(0.93), 3)
    assert found.sd == pytest.approx(np.std([0.90, 0.92, 0.97], ddof=1))
    # 4.3027: the 0.975 quantile of Student's t with two degrees of freedom, from a printed table.
    half = 4.3027 * found.sd / np.sqrt(3)
    assert found.low == pytest.approx(0.93 - half, abs=1e-5)
    assert found.high == pytest.approx(0.93 + half, abs=1e-5)


def test_one_run_has_no_interval_and_none_no_mean() -> None:
    assert t_interval([]) is None
    found = t_interval([0.5])
    assert (found.mean, found.sd, found.low, found.high, found.n) == (0.5, None, None, None, 1)
    assert interval_text(found, str) == "0.5"
    assert interval_text(None, str) == "–"


def test_equal_runs_have_an_interval_without_width() -> None:
    found = t_interval([0.9, 0.9, 0.9])
    assert (found.sd, found.low, found.high) == (0.0, 0.9, 0.9)


def test_it_is_not_cut_off_at_what_an_accuracy_can_be() -> None:
    assert t_interval([1.0, 0.98, 1.0]).high > 1


@pytest.mark.parametrize("n", [2, 3, 10])
def test_it_covers_the_mean_in_95_of_100_studies(n: int) -> None:
    draws, studies = np.random.default_rng(n), 4000
    values = draws.normal(0.8, 0.02, (studies, n))
    found = [t_interval(study) for study in values]
    covered = np.mean([one.low <= 0.8 <= one.high for one in found])
    # Four standard errors of a share of 4,000: with 1.96 in the place of t, n = 10 has 91.8 %.
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / studies)
