"""What a search over settings may choose from, read from the words of a command line."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep
from hydra.errors import HydraException

OPTUNA = "hydra_plugins.nullfit_optuna.OptunaSweeper"

Parse = Callable[[list[str]], list[Override]]
_MOST_CHOICES = 1000
_DIGITS = 4  # of a number that is tried: names and tables stay readable


@dataclass(frozen=True)
class Between:
    """A number of an interval, ends included; whole if the ends are, in steps of ``step``.

    ``log`` says that orders of magnitude count, not differences.
    """

    low: float | int
    high: float | int
    log: bool = False
    step: int = 1

    @property
    def whole(self) -> bool:
        """Whether its numbers are whole."""
        return isinstance(self.low, int)

    @property
    def middle(self) -> float | int:
        """Where one would begin."""
        at = math.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2
        return self.low + round((at - self.low) / self.step) * self.step if self.whole else at

    def text(self, value: float | int) -> str:
        """A number as it is tried: within the interval, to four digits."""
        if self.whole:
            return str(value)
        return repr(min(max(float(f"{value:.{_DIGITS}g}"), self.low), self.high))


@dataclass(frozen=True)
class OneOf:
    """One of several values, as they stand in an override."""

    choices: list[str]

    @property
    def middle(self) -> str:
        """Where one would begin: the first."""
        return self.choices[0]

    def text(self, value: str) -> str:
        """It as it is."""
        return value


@dataclass(frozen=True)
class Space:
    """What is searched, by key, and the words that all jobs share."""

    axes: dict[str, Between | OneOf]
    common: list[str]

    def job(self, values: Mapping[str, Any]) -> list[str]:
        """The overrides of a job."""
        chosen = [f"{key}={axis.text(values[key])}" for key, axis in self.axes.items()]
        return [*self.common, *chosen]

    @property
    def first(self) -> dict[str, Any]:
        """What is tried first: the middle of everything."""
        return {key: axis.middle for key, axis in self.axes.items()}


def space_of(parse: Parse, params: Mapping[str, Any] | None, given: Sequence[Override]) -> Space:
    """The space that ``params`` and the command line span; the latter takes the former's place.

    Raises:
        HydraException: there is nothing to search, or an interval that is none.
    """
    own = parse([f"{key}={value}" for key, value in (params or {}).items()])
    words = {override.get_key_element(): override for override in (*own, *given)}
    swept = {key: override for key, override in words.items() if override.is_sweep_override()}
    if not swept:
        raise HydraException(
            "hydra/sweeper=optuna has nothing to search: give an interval, such as "
            "optimizer.lr=tag(log,interval(1e-3,1))"
        )
    common = [
        f"{key}={override.get_value_element_as_str()}"
        for key, override in words.items()
        if key not in swept
    ]
    return Space({key: _axis(override) for key, override in swept.items()}, common)


def _axis(override: Override) -> Between | OneOf:
    value = override.value()
    if isinstance(value, IntervalSweep):
        low, high = value.start, value.end
        log = "log" in value.tags
        if low is None or high is None or low > high or (log and low <= 0):
            what = "begins above 0" if log else "ends where it begins or later"
            raise HydraException(f"{override.input_line}: an interval {what}")
        return Between(low, high, log)
    if isinstance(value, RangeSweep) and all(
        isinstance(part, int) for part in (value.start, value.stop, value.step)
    ):
        numbers = list(value.range())
        if numbers and value.step > 0:
            return Between(numbers[0], numbers[-1], step=int(value.step))
    choices = list(islice(override.sweep_string_iterator(), _MOST_CHOICES + 1))
    if not 1 <= len(choices) <= _MOST_CHOICES:
        raise HydraException(f"{override.input_line} has no values, or more than {_MOST_CHOICES}")
    return OneOf(choices)
