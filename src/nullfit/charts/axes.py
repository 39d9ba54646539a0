"""The kinds of axes that several figures have: fractions, whole numbers, logarithms."""

import math
from collections.abc import Iterable
from typing import Any

import altair as alt

_DECADES = 7  # labelled on a logarithmic axis; of more every second or third is
_STEPS = 7  # labelled on it where the decades are fewer
_UNITS = (0.0025, 0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25)  # on an axis of fractions
_INTERVALS, _LEAST = 4, 0.01  # how many of one unit at most, and where it ends at least
_PLAIN = "datum.value >= 1e-4 && datum.value < 1e7"
_LABEL = f"{_PLAIN} ? format(datum.value, ',.12~r') : format(datum.value, '.12~e')"


def fractions(largest: float = 1.0) -> dict[str, Any]:
    """Scale and axis from 0 to a round number from ``largest`` on, told in per cent.

    Markers at the ends are whole.
    """
    largest = max(largest, _LEAST)
    unit = next(unit for unit in _UNITS if largest <= _INTERVALS * unit + 1e-9)
    ticks = [number * unit for number in range(math.ceil(largest / unit - 1e-9) + 1)]
    return {
        "scale": {"domain": [-0.03 * ticks[-1], 1.03 * ticks[-1]], "nice": False},
        "axis": {"values": ticks, "format": ".12~%", "grid": True},
    }


def whole_numbers(*, grid: bool = False) -> alt.Axis:
    """An axis of what is counted, such as epochs: without the ticks between two numbers."""
    between = {"condition": {"test": "datum.value % 1", "value": 0}, "value": 1}
    return alt.Axis(
        format=",d", labelExpr="datum.value % 1 ? '' : datum.label", tickOpacity=between, grid=grid
    )


def logarithmic(values: Iterable[float | int]) -> dict[str, Any]:
    """Scale and axis for positive values, from 1, 2 or 5 times a power of ten to another one.

    Ticks are all of these, or powers of ten where they would be too many; never fewer than two.
    Zero stands at the lower end; markers at the ends are whole.
    """
    logs = [math.log10(value) for value in values if value > 0]
    low = _step(min(logs, default=0.0) + 1e-9)
    high = _step(max(logs, default=1.0) - 1e-9) + 1
    if low == high:
        low, high = low - 1, high + 1
    ticks = steps = [float(f"{(1, 2, 5)[at % 3]}e{at // 3}") for at in range(low, high + 1)]
    if len(steps) > _STEPS:
        powers = range(math.ceil(low / 3), high // 3 + 1)
        ticks = [10.0**power for power in powers[:: math.ceil(len(powers) / _DECADES)]]
    return {
        "scale": {
            "type": "log",
            "domain": [steps[0], steps[-1]],
            "nice": False,
            "clamp": True,
            "padding": 6,
        },
        "axis": {
            "values": ticks,
            "labelExpr": _LABEL,
            "grid": True,
        },
    }


def _step(log: float) -> int:
    """The number of the largest of … 1, 2, 5, 10, 20, … (1 has 0) below a value."""
    decade = math.floor(log)
    return 3 * decade + sum(log - decade >= math.log10(part) for part in (2, 5))
