"""Two Beta components over normalized losses, fitted by EM.

Arazo, Ortego, Albert, O'Connor, McGuinness, "Unsupervised Label Noise Modeling and Loss
Correction" (ICML 2019, arXiv 1904.11238), section 3.1: losses of clean samples crowd at zero and
those of corrupted ones lean to the other side, which a Beta density can follow and a Gaussian
cannot.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from scipy.special import betaln
from scipy.stats import beta

from nullfit.probes.loss_mixture.gaussian_mixture import fit_gaussian
from nullfit.probes.loss_mixture.mixture import Mixture, responsibilities

# Losses at the ends of the interval, where a Beta density may be zero or infinite, are moved in.
_MARGIN = 1e-4
_TOLERANCE, _ITERATIONS = 1e-5, 1000
_LEAST_SHARE = 1e-9  # of a sample in a component: none ever loses all
_LEAST_VARIANCE = 1e-10


@dataclass(frozen=True)
class BetaComponents(Mixture):
    """Shapes (α, β) and weights of the two components over values from ``low`` to ``high``."""

    shapes: tuple[tuple[float, float], tuple[float, float]]
    weights: tuple[float, float]
    low: float = 0.0
    high: float = 1.0
    converged: bool = True

    def normalized(self, values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        """The values moved and scaled into (0, 1)."""
        return normalized(values, self.low, self.high)

    def log_odds(self, values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        """Log of the posterior odds for the second component, which never fall as values rise.

        The tails of two Beta densities may cross once more: where the second component is the wider
        one, the very smallest losses would look corrupted. From the place where the odds turn they
        stay as they are there.
        """
        unit = self._rising(self.normalized(values))
        (a, b), (other_a, other_b) = self.shapes
        prior = np.log(self.weights[1]) - np.log(self.weights[0])
        prior += betaln(a, b) - betaln(other_a, other_b)
        odds = prior + (other_a - a) * np.log(unit) + (other_b - b) * np.log1p(-unit)
        return np.asarray(odds)

    def _rising(self, unit: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        """Values cut off where the odds, of slope x/unit - y/(1 - unit), turn."""
        (a, b), (other_a, other_b) = self.shapes
        x, y = other_a - a, other_b - b
        if x * y <= 0:  # the odds of components in the order of their means only rise
            return unit
        turn = x / (x + y)
        return np.asarray(np.maximum(unit, turn) if x < 0 else np.minimum(unit, turn))

    def densities(self, values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, "n 2"]:
        """The components' densities over the values as they came, each times its weight."""
        unit, width = self.normalized(values)[:, None], self.high - self.low
        alphas, betas = zip(*self.shapes, strict=True)
        return np.asarray(beta.pdf(unit, alphas, betas) * self.weights / width)

    def parameters(self) -> list[dict[str, Any]]:
        """Shapes, weight and mean of each component, the mean on the scale of the losses."""
        return [
            {
                "alpha": a,
                "beta": b,
                "weight": weight,
                "mean": self.low + (self.high - self.low) * _mean(a, b),
            }
            for (a, b), weight in zip(self.shapes, self.weights, strict=True)
        ]


def normalized(
    values: Float64[np.ndarray, " n"], low: float, high: float
) -> Float64[np.ndarray, " n"]:
    """Values from ``low`` to ``high`` as values inside (0, 1)."""
    # Halves, so that the difference of two extreme numbers does not overflow.
    unit = (np.clip(values, low, high) / 2 - low / 2) / (high / 2 - low / 2)
    return np.asarray(np.clip(unit, _MARGIN, 1 - _MARGIN))


def fit_beta(values: Float64[np.ndarray, " n"], seed: int) -> BetaComponents:
    """The mixture of two Betas by EM, until no responsibility moves by more than 10⁻⁵.

    It starts from the mixture of two Gaussians. From Arazo et al.'s start, one falling and one
    rising density whatever the data, it often ends where both components lie upon each other.

    The shapes follow from each component's weighted mean and variance, as in Arazo et al. Moments
    instead of maximum likelihood: the likelihood, which may well fall on the way, is decided by the
    many losses near zero and by the few at the very ends, and its maximum tells corrupted labels
    worse (docs/loss-mixture.md). ``values`` must not all be equal; the least and the largest become
    the ends of the interval.
    """
    low, high = float(values.min()), float(values.max())
    unit = normalized(values, low, high)
    shares, converged = fit_gaussian(unit, seed).responsibilities(unit), False
    for _ in range(_ITERATIONS):
        mixture = _maximized(unit, shares)
        before, shares = shares, responsibilities(mixture.log_odds(unit))
        converged = bool(np.abs(shares - before).max() < _TOLERANCE)
        if converged:
            break
    return BetaComponents(mixture.shapes, mixture.weights, low, high, converged)


def _maximized(
    unit: Float64[np.ndarray, " n"], shares: Float64[np.ndarray, "n 2"]
) -> BetaComponents:
    """The components whose weights, means and variances are those of the shared-out values.

    They come in the order of their means, whichever had the larger one before.
    """
    shares = np.maximum(shares, _LEAST_SHARE)
    totals = shares.sum(axis=0)
    means = (unit @ shares) / totals
    variances = ((unit[:, None] - means) ** 2 * shares).sum(axis=0) / totals
    strengths = means * (1 - means) / np.maximum(variances, _LEAST_VARIANCE) - 1
    first, second = np.argsort(means, kind="stable")
    shapes = [_shapes(means[k], strengths[k]) for k in (first, second)]
    weights = totals / totals.sum()
    return BetaComponents((shapes[0], shapes[1]), (float(weights[first]), float(weights[second])))


def _shapes(mean: float, strength: float) -> tuple[float, float]:
    return float(mean * strength), float((1 - mean) * strength)


def _mean(a: float, b: float) -> float:
    return a / (a + b)
