"""Responsibilities in log space: the published figures, and no NaN however far out a value is."""

import mpmath
import numpy as np
import pytest
from scipy.stats import beta, norm

from nullfit.probes.loss_mixture.beta_mixture import BetaComponents
from nullfit.probes.loss_mixture.gaussian_mixture import GaussianComponents
from nullfit.probes.loss_mixture.mixture import responsibilities

MEANS, VARIANCES = (0.0, 1.13), (0.01, 0.006)
GAUSSIANS = GaussianComponents(MEANS, VARIANCES, (0.5, 0.5))
BETAS = BetaComponents(((2.0, 20.0), (6.0, 5.0)), (0.7, 0.3), low=0.0, high=4.0)
EXTREME = np.array([0.0, 1e-300, 5.0, 1e8, 1e154, 1e200, 1e308, np.inf])
EXTREME = np.concatenate([-EXTREME, EXTREME])


def test_published_responsibilities() -> None:
    # Each density alone is exp(-1250): nothing is left of it outside the logarithm.
    (found,) = GAUSSIANS.responsibilities(np.array([5.0]))
    assert found == pytest.approx([0.10152327, 0.89847673], abs=5e-9)


@pytest.mark.parametrize("value", [-3.0, 0.0, 0.4, 0.6, 1.13, 5.0, 20.0, 1e3])
def test_responsibilities_have_full_relative_precision(value: float) -> None:
    with mpmath.workdps(60):
        densities = [
            mpmath.npdf(mpmath.mpf(value), mpmath.mpf(m), mpmath.sqrt(mpmath.mpf(v)))
            for m, v in zip(MEANS, VARIANCES, strict=True)
        ]
        exact = [float(density / sum(densities)) for density in densities]
    (found,) = GAUSSIANS.responsibilities(np.array([value]))
    # A log-odds of some thousands costs three digits, no more.
    assert found == pytest.approx(exact, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize(
    "mixture",
    [
        GAUSSIANS,
        GaussianComponents(MEANS, (0.01, 0.01), (0.5, 0.5)),
        GaussianComponents((0.0, 0.0), (1e-300, 1e-300), (0.5, 0.5)),
        GaussianComponents((-1e10, 1e10), (1e-12, 1e12), (1e-9, 1 - 1e-9)),
        BETAS,
        BetaComponents(((1e-6, 1e6), (1e8, 1e-3)), (1e-12, 1 - 1e-12)),
    ],
    ids=repr,
)
def test_extreme_values_give_no_nan(mixture) -> None:
    found = mixture.responsibilities(EXTREME)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(1)


def test_far_out_the_wider_component_has_everything_and_of_equals_the_nearer() -> None:
    far = np.array([-1e308, 1e308])
    assert GAUSSIANS.responsibilities(far)[:, 0].tolist() == [1, 1]
    equals = GaussianComponents(MEANS, (0.01, 0.01), (0.5, 0.5))
    assert equals.responsibilities(far)[:, 1].tolist() == [0, 1]


def test_log_odds_without_limits_become_probabilities() -> None:
    assert responsibilities(np.array([-np.inf, 0.0, np.inf])).tolist() == [
        [1, 0],
        [0.5, 0.5],
        [0, 1],
    ]


@pytest.mark.parametrize(
    ("shapes", "turn"),
    [
        (((3.0, 9.0), (1.0, 1.0)), 0.2),  # the wider one would win at both ends
        (((1.0, 3.0), (9.0, 7.0)), 2 / 3),  # the narrower one would lose at both
    ],
)
def test_beta_odds_stay_where_they_turn(shapes, turn: float) -> None:
    found = BetaComponents(shapes, (0.5, 0.5))
    places = np.linspace(0.01, 0.99, 99)
    densities = found.densities(places)
    exact = np.log(densities[:, 1] / densities[:, 0])
    odds = found.log_odds(places)
    assert (np.diff(odds) >= -1e-12).all()
    kept = places >= turn if turn < 0.5 else places <= turn
    assert odds[kept] == pytest.approx(exact[kept])
    assert odds[~kept] == pytest.approx(found.log_odds(np.array([turn]))[0])


def test_weights_shift_the_odds_by_their_ratio() -> None:
    values = np.linspace(-1, 2, 7)
    shifted = GaussianComponents(MEANS, VARIANCES, (0.8, 0.2)).log_odds(values)
    assert shifted - GAUSSIANS.log_odds(values) == pytest.approx(np.log(0.25))


def test_densities_and_responsibilities_agree() -> None:
    values = np.linspace(0.1, 3.9, 50)
    for mixture in (GaussianComponents((0.5, 2.5), (0.05, 0.6), (0.6, 0.4)), BETAS):
        densities = mixture.densities(values)
        shares = densities / densities.sum(axis=1, keepdims=True)
        assert mixture.responsibilities(values) == pytest.approx(shares, rel=1e-9)


def test_densities_are_those_of_scipy_and_integrate_to_the_weights() -> None:
    places = np.linspace(0, 4, 20001)
    found = BETAS.densities(places)
    assert np.trapezoid(found, places, axis=0) == pytest.approx([0.7, 0.3], abs=1e-3)
    assert found[5000, 0] == pytest.approx(0.7 * beta.pdf(0.25, 2, 20) / 4)
    gaussians = GAUSSIANS.densities(np.array([0.3]))[0]
    assert gaussians == pytest.approx(0.5 * norm.pdf(0.3, MEANS, np.sqrt(VARIANCES)))
