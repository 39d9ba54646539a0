"""Both mixtures find the components that data were drawn from."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from nullfit.probes.loss_mixture.beta_mixture import fit_beta, normalized
from nullfit.probes.loss_mixture.gaussian_mixture import fit_gaussian

SAMPLES = 6_000


def drawn(share: float, first, second, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Values of two kinds, the second with probability ``share``, and which are of the second."""
    random = np.random.default_rng(seed)
    kind = random.random(SAMPLES) < share
    return np.where(kind, second(random), first(random)), kind


def betas(share: float, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    values, kind = drawn(share, lambda r: r.beta(2, 20, SAMPLES), lambda r: r.beta(7, 5, SAMPLES))
    return scale * values, kind


def gaussians(share: float) -> tuple[np.ndarray, np.ndarray]:
    return drawn(
        share, lambda r: r.normal(0.4, 0.2, SAMPLES), lambda r: r.normal(2.5, 0.8, SAMPLES)
    )


@pytest.mark.parametrize("share", [0.05, 0.4, 0.8])
def test_gaussian_finds_weights_means_and_variances(share: float) -> None:
    found = fit_gaussian(gaussians(share)[0], seed=0)
    assert found.weights[1] == pytest.approx(share, abs=0.03)
    assert found.means == pytest.approx((0.4, 2.5), abs=0.1)
    assert found.variances == pytest.approx((0.04, 0.64), abs=0.1)
    assert found.converged


def test_gaussian_is_scikit_learns_and_its_posterior() -> None:
    values = gaussians(0.4)[0]
    model = GaussianMixture(2, tol=1e-6, max_iter=1000, random_state=0).fit(values[:, None])
    expected = model.predict_proba(values[:, None])[:, np.argsort(model.means_[:, 0])]
    found = fit_gaussian(values, 3).responsibilities(values)
    assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_gaussian_does_not_depend_on_the_unit(scale: float) -> None:
    values = gaussians(0.3)[0]
    found, scaled = fit_gaussian(values, 0), fit_gaussian(scale * values, 0)
    assert scaled.means == pytest.approx(tuple(scale * mean for mean in found.means))
    assert scaled.responsibilities(scale * values) == pytest.approx(found.responsibilities(values))


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.8])
def test_beta_finds_weights_and_tells_the_kinds_apart(share: float) -> None:
    values, kind = betas(share, scale=6.0)
    found = fit_beta(values, 0)
    assert found.converged
    assert found.weights[1] == pytest.approx(share, abs=0.03)
    assert ((found.log_odds(values) > 0) == kind).mean() > 0.97
    means = [component["mean"] for component in found.parameters()]
    assert means == pytest.approx([6 * 2 / 22, 6 * 7 / 12], abs=0.15)


def test_beta_keeps_mean_and_variance_of_the_data() -> None:
    # What matching moments means: the mixture as a whole has those of the values.
    values = betas(0.3)[0]
    found = fit_beta(values, 0)
    unit = normalized(values, found.low, found.high)
    a, b = np.array(found.shapes).T
    means, weights = a / (a + b), np.array(found.weights)
    variances = a * b / ((a + b) ** 2 * (a + b + 1))
    assert weights @ means == pytest.approx(unit.mean(), rel=1e-6)
    second_moment = weights @ (variances + means**2)
    assert second_moment - unit.mean() ** 2 == pytest.approx(unit.var(), rel=1e-5)


@pytest.mark.parametrize(
    "kinds",
    [
        # Memorized noise reaches down to the smallest losses; noise that lies in the middle.
        (lambda r: r.beta(4, 20, SAMPLES), lambda r: r.beta(0.8, 1, SAMPLES)),
        (lambda r: r.beta(1, 3, SAMPLES), lambda r: r.beta(12, 12, SAMPLES)),
    ],
    ids=["wider", "narrower"],
)
def test_a_smaller_loss_never_looks_more_corrupted(kinds) -> None:
    values = np.sort(drawn(0.4, *kinds)[0])
    odds = fit_beta(values, 0).log_odds(values)
    assert (np.diff(odds) >= -1e-9).all()
    assert odds[0] < 0 < odds[-1]


def test_beta_is_a_fixed_point() -> None:
    values = betas(0.3)[0]
    found = fit_beta(values, 0)
    assert found.responsibilities(values)[:, 1].mean() == pytest.approx(found.weights[1], abs=1e-4)


def test_components_come_in_the_order_of_their_means() -> None:
    for values in (betas(0.9)[0], -betas(0.2)[0], 1 - betas(0.5)[0]):
        for found in (fit_beta(values, 0), fit_gaussian(values, 0)):
            low, high = (component["mean"] for component in found.parameters())
            assert low < high


@pytest.mark.parametrize(
    "values",
    [
        np.array([0.0, 1.0]),
        np.array([0.0] * 999 + [1e-30]),
        np.array([1e300, 1e308, 3e307]),
        np.concatenate([np.zeros(500), np.full(500, 7.0)]),
        np.concatenate([np.zeros(999), [1e6]]),
    ],
    ids=["two", "almost equal", "huge", "two values", "one outlier"],
)
def test_degenerate_data_give_finite_mixtures(values: np.ndarray) -> None:
    found = fit_beta(values, 0)
    assert np.isfinite(found.responsibilities(values)).all()
    assert np.isfinite([list(component.values()) for component in found.parameters()]).all()
    if values.max() < 1e100:
        assert np.isfinite(fit_gaussian(values, 0).responsibilities(values)).all()


def test_ends_of_the_interval_stay_inside() -> None:
    unit = normalized(np.array([-1.7e308, -5.0, 0.0, 1.7e308]), -1.7e308, 1.7e308)
    assert 0 < unit.min() < unit.max() < 1
    assert unit[2] == pytest.approx(0.5)
