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
    def of(cls, values: Iterable[float | None]) -> "Spread | None":
        """The spread of the values that there are, or None if there are none."""
        found = [float(value) for value in values if value is not None]
        if not found:
            return None
        return cls(sum(found) / len(found), min(found), max(found), len(found))

    def over(self, unit: float) -> "Spread":
        """In multiples of ``unit``."""
        return Spread(self.mean / unit, self.low / unit, self.high / unit, self.n)
