"""What a probe found."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nullfit.charts.figure import Figure


@dataclass(frozen=True)
class Findings:
    """What a probe found: a section of result.json, arrays beside it, a figure, lines to say."""

    fields: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    figure: "Figure | None" = None
    lines: list[str] = field(default_factory=list)
