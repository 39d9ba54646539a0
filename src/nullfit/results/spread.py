"""What several runs came to."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Mean, lowest and highest of some runs; ``n`` of them."""

    mean: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread | None":
        """The spread of values, or None if there are none."""
        found = list(values)
        if not found:
            return None
        return cls(sum(found) / len(found), min(found), max(found), len(found))

    def over(self, unit: float) -> "Spread":
        """In multiples of ``unit``."""
        return Spread(self.mean / unit, self.low / unit, self.high / unit, self.n)
