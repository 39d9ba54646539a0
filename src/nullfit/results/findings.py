"""What a probe found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nullfit.console.messages import say

if TYPE_CHECKING:
    from nullfit.charts.figure import Figure


@dataclass(frozen=True)
class Findings:
    """What a probe found: a section of result.json, arrays beside it, a figure, lines to say.

    ``scores`` are numbers of each training sample by name, columns of samples.csv. ``extremes`` are
    samples worth looking at, by what they are, the foremost first.
    """

    fields: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    figure: "Figure | None" = None
    lines: list[str] = field(default_factory=list)
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    extremes: dict[str, np.ndarray] = field(default_factory=dict)


def add_apart(
    found: dict[str, np.ndarray], probe: str, own: Mapping[str, np.ndarray], file: str
) -> None:
    """Add to ``found``, what ``file`` will hold, what a probe gives.

    What is called as another already is has the probe's name before its own; a line says so.
    """
    for name, values in own.items():
        kept = name
        while kept in found:
            kept = f"{probe}_{kept}"
        if kept != name:
            say(f"  {file}: {name} of probe {probe} is {kept}: the name was taken")
        found[kept] = values
