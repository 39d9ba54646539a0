"""What a probe found."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

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
