"""The bound against scipy, exact sums, simulations and the published table."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from nullfit.tasks.pac_bayes.bound import (
    Bound,
    Priors,
    binary_kl,
    complexity,
    monte_carlo_bound,
    upper_inverse_kl,
)

PAPER = Priors(0.1, 100.0)
SHARES = st.floats(0, 1, exclude_max=True)


@given(SHARES, st.floats(1e-6, 1 - 1e-6))
def test_divergence_is_that_of_two_coins(q: float, p: float) -> None:
    expected = special.rel_entr(q, p) + special.rel_entr(1 - q, 1 - p)
    assert binary_kl(q, p) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_divergence_is_infinite_from_what_cannot_be() -> None:
    assert binary_kl(0.5, 0.0) == binary_kl(0.5, 1.0) == math.inf
    assert binary_kl(0.0, 0.0) == binary_kl(1.0, 1.0) == 0


@given(st.floats(0, 0.6), st.floats(1e-6, 3))  # beyond them, 1 is the next number above
def test_its_inverse_is_a_root_and_rounds_up(q: float, c: float) -> None:
    p = upper_inverse_kl(q, c)
    assert q < p < 1
    root = optimize.brentq(lambda x: binary_kl(q, x) - c, max(q, 1e-300), 1 - 1e-16, xtol=1e-15)
    assert p == pytest.approx(root, abs=1e-7)
    with mpmath.workdps(60):  # exactly, with the very numbers that were given and returned
        own, other = mpmath.mpf(q), mpmath.mpf(p)
        exact = (1 - own) * mpmath.log((1 - own) / (1 - other))
        exact += own * mpmath.log(own / other) if own else 0
        assert exact >= mpmath.mpf(c)


def test_its_inverse_where_it_is_known() -> None:
    assert upper_inverse_kl(0.0, 0.3) == pytest.approx(1 - math.exp(-0.3), rel=1e-11)
    assert upper_inverse_kl(0.25, 0.0) == pytest.approx(0.25, abs=1e-6)
    assert upper_inverse_kl(0.1, 1e9) == upper_inverse_kl(1.0, 0.1) == 1.0


@given(st.floats(0, 0.9), st.floats(1e-5, 5))
def test_pinsker_is_never_below_the_inverse(error: float, b: float) -> None:
    bound = Bound.of(error, 1000, 1.0, b, 0.01, chance=0.5)
    assert bound.pinsker >= bound.inverse_kl - 1e-9
    assert bound.of_mean_error <= bound.value


def test_shares_of_confidence_of_all_priors_come_to_one() -> None:
    shares = np.array([math.exp(-PAPER.cost(j)) for j in range(1, 200_001)])
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert shares.sum() < 1


@pytest.mark.parametrize("variance", [0.05, 0.0123, 1e-6, 0.1 * math.exp(-0.4)])
def test_priors_beside_a_variance_enclose_it(variance: float) -> None:
    found = PAPER.beside(variance)
    high, low = (PAPER.variance(j) for j in (found[0], found[-1]))
    assert low <= variance * (1 + 1e-9)
    assert high >= variance * (1 - 1e-9)
    assert found[-1] - found[0] <= 1


def test_no_prior_is_larger_than_the_first() -> None:
    assert PAPER.beside(0.1) == [1]
    assert PAPER.largest == PAPER.variance(1) < 0.1


def test_the_published_table() -> None:
    """Dziugaite & Roy 2017, table 1, from its rounded errors and divergences (m = 55,000)."""

    def bound(error: float, kl: float) -> Bound:
        b = complexity(kl, 55_000, 0.025, PAPER.cost(300))  # λ is not published, and hardly counts
        return Bound.of(error, 150_000, kl, b, 0.01, chance=0.5)

    true = bound(0.028, 5144.0)
    assert true.says_something
    assert true.value == true.inverse_kl == pytest.approx(0.161, abs=0.003)
    random = bound(0.0, 201_131.0)  # to four digits the published bound is √(B/2) alone
    assert not random.says_something
    assert random.value == random.pinsker == pytest.approx(1.352, abs=0.001)


@pytest.mark.parametrize("values", ["bits", "shares"])
def test_monte_carlo_bounds_hold_as_often_as_they_say(values: str) -> None:
    random, draws, delta = np.random.default_rng(0), 60, 0.1
    if values == "bits":
        made, true = random.binomial(1, 0.1, (4000, draws)), 0.1
    else:
        made, true = random.beta(0.5, 2.0, (4000, draws)), 0.2
    below = np.mean(
        [monte_carlo_bound(mean, draws, delta) < true for mean in made.mean(1).tolist()]
    )
    assert below <= delta
    assert np.mean(made.mean(1) < true) > 0.4  # the mean itself is no bound


def test_the_theorem_holds_as_often_as_it_says() -> None:
    """Of a network that has seen no sample, whose posterior is the prior."""
    random, samples, delta = np.random.default_rng(1), 40, 0.2
    b = complexity(0.0, samples, delta, cost=0.0)
    errors = random.binomial(samples, 0.3, 4000) / samples
    assert np.mean([upper_inverse_kl(error, b) < 0.3 for error in errors.tolist()]) <= delta


def test_more_draws_and_more_samples_make_it_smaller() -> None:
    few, many = (monte_carlo_bound(0.03, draws, 0.01) for draws in (1000, 150_000))
    assert 0.03 < many < 0.032 < few
    assert complexity(5000.0, 55_000, 0.025, 0.0) < complexity(5000.0, 10_000, 0.025, 0.0)
