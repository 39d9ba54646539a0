"""The PAC-Bayes bound, from its parts: plain numbers in, plain numbers out.

After Dziugaite & Roy 2017 (arXiv 1703.11008), sections 2 and 3. Logarithms are natural; errors are
shares of wrong answers, from 0 to 1.
"""

import math
from dataclasses import dataclass, replace

_STEPS = 200  # of a bisection: more than double precision has bits
_ROUNDING = 1e-13  # of a divergence, relative: what its own arithmetic may be off by


def binary_kl(q: float, p: float) -> float:
    """kl(q‖p) of two Bernoulli distributions, in nats; infinite where p rules out what q does."""
    total = 0.0
    for own, other in ((q, p), (1 - q, 1 - p)):
        if own > 0:
            if other <= 0:
                return math.inf
            total += own * math.log(own / other)
    return max(total, 0.0)


def upper_inverse_kl(q: float, c: float) -> float:
    """The largest p with kl(q‖p) ≤ c, rounded up: kl(q‖p) ≥ c at what is returned, unless it is 1.

    By bisection, the upper end of which is kept.
    """
    aim = c * (1 + _ROUNDING) + _ROUNDING
    low, high = q, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if binary_kl(q, middle) < aim:
            low = middle
        else:
            high = middle
    return high


def monte_carlo_bound(mean: float, draws: int, delta: float) -> float:
    """What the mean of independent values from 0 to 1 does not exceed with probability 1 − δ′.

    ``mean`` is that of the ``draws`` that were made (Langford & Caruana 2001; section 3.3 of the
    paper: kl(mean‖true) ≤ log(2/δ′) / n, of which one side is used).
    """
    return upper_inverse_kl(mean, math.log(2 / delta) / draws)


@dataclass(frozen=True)
class Priors:
    """The variances λ = c · exp(−j/b), j = 1, 2, …, of priors, all of which the bound holds for.

    δ is shared among them: j has 6 / (π² j²) of it (section 3.1).
    """

    c: float
    b: float

    @property
    def largest(self) -> float:
        """The variance of the first of them."""
        return self.c * math.exp(-1 / self.b)

    def variance(self, j: int) -> float:
        """λ of the j-th prior."""
        return self.c * math.exp(-j / self.b)

    def beside(self, variance: float) -> list[int]:
        """The numbers of the priors whose variances are next to one, above and below it."""
        place = self.b * math.log(self.c / variance)
        return sorted({max(1, math.floor(place)), max(1, math.ceil(place))})

    def cost(self, j: int) -> float:
        """What the choice of the j-th prior costs: log(π² j² / 6)."""
        return 2 * math.log(j) + math.log(math.pi**2 / 6)


def complexity(kl: float, samples: int, delta: float, cost: float) -> float:
    """B = (KL(Q‖P) + log(m/δ) + ``cost``) / (m − 1): what kl(empirical‖true) does not exceed.

    With probability 1 − δ over the m training samples, for all posteriors Q at once, errors being
    those of networks drawn from Q (theorem 2.1, after Langford & Seeger 2001 and Maurer 2004).
    """
    return (kl + math.log(samples / delta) + cost) / (samples - 1)


@dataclass(frozen=True)
class Bound:
    """Bounds of the error on unseen samples from that on the training samples.

    ``empirical_error`` is the mean over the Monte-Carlo ``draws``, ``empirical_bound`` what the
    error of the stochastic network on the training set does not exceed with probability 1 − δ′.
    ``inverse_kl`` and ``pinsker`` (which may be above 1) hold with probability 1 − δ − δ′.
    ``chance`` is the error of always naming the largest class.
    """

    empirical_error: float
    empirical_bound: float
    kl: float
    complexity: float
    chance: float

    @classmethod
    def of(
        cls,
        empirical_error: float,
        draws: int,
        kl: float,
        complexity: float,
        monte_carlo_delta: float,
        chance: float,
    ) -> "Bound":
        """Bound the empirical error by its draws, and the true one by that."""
        above = monte_carlo_bound(empirical_error, draws, monte_carlo_delta)
        return cls(empirical_error, above, kl, complexity, chance)

    @property
    def inverse_kl(self) -> float:
        """The largest error whose divergence from the empirical one the theorem allows."""
        return upper_inverse_kl(self.empirical_bound, self.complexity)

    @property
    def pinsker(self) -> float:
        """Empirical error + √(B/2), which is never below `inverse_kl`."""
        return self.empirical_bound + math.sqrt(self.complexity / 2)

    @property
    def says_something(self) -> bool:
        """Whether what it guarantees is better than always naming the largest class."""
        return self.inverse_kl < self.chance

    @property
    def value(self) -> float:
        """`inverse_kl` if it says something, else `pinsker`, as the paper tells such bounds.

        The former never comes to 1, however large the divergence is.
        """
        return self.inverse_kl if self.says_something else self.pinsker

    @property
    def of_mean_error(self) -> float:
        """The same of the mean over the draws as it is, were they without end: no bound."""
        without = replace(self, empirical_bound=self.empirical_error)
        return without.inverse_kl if self.says_something else without.pinsker
