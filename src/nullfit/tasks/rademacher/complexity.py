"""The empirical Rademacher complexity of a class of functions, and what it bounds.

For functions h from the inputs to {−1, +1} and independent uniform signs σ, the complexity on the
inputs x₁ … x_n is the mean over σ of the largest (1/n) Σ σᵢ h(xᵢ) that any h of the class reaches
(Zhang et al. 2017, section 2.2; Bartlett & Mendelson 2002). Training on the signs reaches a
correlation that is a lower bound of the largest one, and the largest one itself only where it is 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Complexity:
    """Mean correlation over k draws of signs, each in [−1, 1], with its interval.

    ``low`` and ``high`` are Student's interval at `CONFIDENCE`, cut to [−1, 1]; they are None for a
    single draw. It is an interval of what training reaches on average over signs, from the one
    initialization that all draws share: not of the complexity, which may lie above it.
    """

    mean: float
    sd: float | None
    low: float | None
    high: float | None
    draws: int

    @classmethod
    def of(cls, correlations: Sequence[float]) -> "Complexity":
        """From the correlations that the draws reached."""
        k = len(correlations)
        mean = math.fsum(correlations) / k
        if k == 1:
            return cls(mean, None, None, None, k)
        sd = math.sqrt(math.fsum((c - mean) ** 2 for c in correlations) / (k - 1))
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, k - 1)) * sd / math.sqrt(k)
        return cls(mean, sd, max(mean - reach, -1.0), min(mean + reach, 1.0), k)

    @property
    def exact(self) -> bool:
        """Whether all signs of all draws were fitted: no function can do better."""
        return self.mean == 1

    def gap_bound(self, samples: int) -> float | None:
        """The bound that the complexity implies (`gap_bound`); None where it is not known."""
        return gap_bound(self.mean, samples) if self.exact else None


def correlation(accuracy: float) -> float:
    """(1/n) Σ σᵢ h(xᵢ) of a classifier that hits this share of the signs."""
    return 2 * accuracy - 1


def gap_bound(complexity: float, samples: int, confidence: float = CONFIDENCE) -> float:
    """What true error less training error does not exceed for any function of the class.

    ``complexity`` is that of the class, or above it: from a lower bound nothing follows. It holds
    with probability ``confidence`` over the n training samples, two classes and error as the share
    of wrong answers (Mohri, Rostamizadeh & Talwalkar 2018, theorem 3.5). From 1 on it says nothing.
    """
    return complexity + 3 * math.sqrt(math.log(2 / (1 - confidence)) / (2 * samples))
