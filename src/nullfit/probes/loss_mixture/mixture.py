"""A mixture of two components, the first of small losses, the second of large ones."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from jaxtyping import Float64
from scipy.special import expit


class Mixture(ABC):
    """Two components over the real line, in the order of their means, with weights that sum to 1.

    Learnt signal has small losses, memorized noise large ones: the second component is taken for
    that of the corrupted labels.
    """

    weights: tuple[float, float]
    converged: bool

    @abstractmethod
    def log_odds(self, values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        """Log of the posterior odds for the second component; finite for finite parameters."""

    @abstractmethod
    def densities(self, values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, "n 2"]:
        """The components' densities, each times its weight."""

    @abstractmethod
    def parameters(self) -> list[dict[str, Any]]:
        """The components as plain values."""

    def responsibilities(self, values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, "n 2"]:
        """Posterior probabilities of the two components for each value."""
        return responsibilities(self.log_odds(values))


def responsibilities(log_odds: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, "n 2"]:
    """Posterior probabilities from posterior log-odds.

    Densities are never taken out of the logarithm: far from both components each would be zero,
    and their ratio undefined. Both columns are computed by themselves, so that neither is the
    rounded rest of the other.
    """
    return np.stack([expit(-log_odds), expit(log_odds)], axis=1)
