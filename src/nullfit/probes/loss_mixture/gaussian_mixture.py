"""Two Gaussian components, fitted by scikit-learn."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from nullfit.probes.loss_mixture.mixture import Mixture
from nullfit.seeds import derive

_MOST = 1e150  # what can be squared without overflow
_TOLERANCE, _ITERATIONS = 1e-6, 1000


@dataclass(frozen=True)
class GaussianComponents(Mixture):
    """Means, variances and weights of the two components; variances are above 0."""

    means: tuple[float, float]
    variances: tuple[float, float]
    weights: tuple[float, float]
    converged: bool = True

    def log_odds(self, values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        """Log of the posterior odds for the second component.

        The difference of the squared distances (z₁² − z₂²)/2 is taken as a product, which neither
        cancels nor overflows where both are large.
        """
        (mean, other_mean), deviations = self.means, np.sqrt(self.variances)
        inverse, other = 1 / deviations
        values = np.clip(values, -_MOST, _MOST)
        difference = values * (inverse - other) - (mean * inverse - other_mean * other)
        total = values * (inverse + other) - (mean * inverse + other_mean * other)
        prior = np.log(self.weights[1]) - np.log(self.weights[0]) + np.log(other) - np.log(inverse)
        odds = np.clip(difference, -_MOST, _MOST) * np.clip(total, -_MOST, _MOST) / 2
        return np.asarray(prior + odds)

    def densities(self, values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, "n 2"]:
        """The components' densities, each times its weight."""
        densities = norm.pdf(values[:, None], self.means, np.sqrt(self.variances))
        return np.asarray(densities * self.weights)

    def parameters(self) -> list[dict[str, Any]]:
        """Mean, variance and weight of each component."""
        return [
            {"mean": mean, "variance": variance, "weight": weight}
            for mean, variance, weight in zip(self.means, self.variances, self.weights, strict=True)
        ]


def fit_gaussian(values: Float64[np.ndarray, " n"], seed: int) -> GaussianComponents:
    """The mixture of two Gaussians by maximum likelihood (EM from a k-means start).

    ``values`` must not all be equal.
    """
    scale = float(values.std())  # scikit-learn adds a fixed 10⁻⁶ to variances
    model = GaussianMixture(
        2, tol=_TOLERANCE, max_iter=_ITERATIONS, random_state=derive(seed, "loss_mixture") % 2**32
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stated by `converged`
        model.fit(values[:, None] / scale)
    low, high = np.argsort(model.means_[:, 0])
    means, variances = model.means_[:, 0] * scale, model.covariances_[:, 0, 0] * scale**2
    return GaussianComponents(
        (float(means[low]), float(means[high])),
        (float(variances[low]), float(variances[high])),
        (float(model.weights_[low]), float(model.weights_[high])),
        bool(model.converged_),
    )
