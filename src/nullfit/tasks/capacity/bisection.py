"""The largest number that passes a test, by doubling and then by bisection."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Bracket:
    """What is known of the largest number of samples that is fitted.

    It is at least ``fitted`` (0: nothing was) and below ``failed`` (None: the limit was fitted).
    """

    fitted: int = 0
    failed: int | None = None

    def next(self, start: int, limit: int, tolerance: float) -> int | None:
        """The number to try next, from ``start`` on up to ``limit``; None once it is narrow enough.

        It is twice what was fitted until something fails, half of what failed until something is
        fitted, and then the geometric mean, until ``failed`` lies above ``fitted`` by at most the
        share ``tolerance``, or by one.
        """
        low, high = self.fitted, self.failed
        if high is None:
            return None if low == limit else min(2 * low or start, limit)
        if low == 0:
            return high // 2 or None
        if high - low <= max(1.0, tolerance * low):
            return None
        return min(max(round(math.sqrt(low * high)), low + 1), high - 1)


def bisect(fits: Callable[[int], bool], start: int, limit: int, tolerance: float) -> Bracket:
    """Where ``fits`` passes from true to false; ``start`` only decides how soon that is found.

    Where chance has a hand in ``fits`` there may be several such places, and one of them is found.
    """
    known = Bracket()
    while (samples := known.next(start, limit, tolerance)) is not None:
        fitted = fits(samples)
        known = Bracket(samples, known.failed) if fitted else Bracket(known.fitted, samples)
    return known
