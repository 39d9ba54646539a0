"""One legend for all panels of a figure."""

import math
from collections.abc import Iterable

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_CHARACTERS = 102  # of 7 points that fit in a text column
_HANDLE = 8  # characters' worth of line and gaps beside each entry
_LINE, _AROUND = 0.14, 0.1  # inches


def add_legend(figure: Figure, panels: Iterable[Axes]) -> float:
    """Put each label once above the panels; returns the height it takes in inches."""
    entries: dict[str, Artist] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    if not entries:
        return 0.0
    labels = list(entries)
    columns = next(n for n in range(len(labels), 0, -1) if n == 1 or _fits(labels, n))
    figure.legend(
        list(entries.values()),
        labels,
        loc="outside upper center",
        ncols=columns,
        columnspacing=1.2,
    )
    return _LINE * math.ceil(len(labels) / columns) + _AROUND


def _fits(labels: list[str], columns: int) -> bool:
    """Whether so many columns, filled one after the other, are narrow enough."""
    # As Matplotlib fills them: the first columns get one entry more where they cannot be equal.
    parts = np.array_split([len(label) for label in labels], columns)
    return sum(int(part.max()) + _HANDLE for part in parts) <= _CHARACTERS
