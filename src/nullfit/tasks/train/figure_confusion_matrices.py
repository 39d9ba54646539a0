"""Confusion matrices of the test set."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from nullfit.charts import style
from nullfit.results.confusion import Confusion

_COLUMNS = 6
_ROWS = 6  # of matrices in one figure
_FEWEST_COLUMNS = 4  # room for so many, so that a few matrices do not become huge
_NAMES = 0.22  # inches of a row for its titles and class names
_BELOW = 0.45
_NAMED = 10  # more classes are not named
_LONGEST_NAME = 6  # characters
COLORS = "cividis"  # grows evenly lighter, in grey and for the colour-blind


def draw_confusion_matrices(confusions: Sequence[Confusion], note: str) -> list[Figure]:
    """A matrix for each network and corruption: rows true classes, columns predictions.

    Shades are the share of a true class, from 0 to 100 %. Each network begins a row of its own.
    """
    rows = _rows(confusions)
    return [_figure(rows[start : start + _ROWS], note) for start in range(0, len(rows), _ROWS)]


def _rows(confusions: Sequence[Confusion]) -> list[list[Confusion]]:
    rows: list[list[Confusion]] = []
    for confusion in confusions:
        new = not rows or rows[-1][0].setting.network != confusion.setting.network
        if new or len(rows[-1]) == _COLUMNS:
            rows.append([])
        rows[-1].append(confusion)
    return rows


def _figure(rows: list[list[Confusion]], note: str) -> Figure:
    with style.applied():
        columns = max(_FEWEST_COLUMNS, *map(len, rows))
        side = (style.TEXT_WIDTH - _NAMES) / columns
        figure = style.new_figure(len(rows) * (side + _NAMES) + _BELOW, note)
        figure.set_layout_engine("compressed")
        panels = figure.subplots(len(rows), columns, squeeze=False)
        for panel_row, row in zip(panels, rows, strict=True):
            last = row is rows[-1]
            for axes in panel_row[len(row) :]:
                axes.set_axis_off()
            for number, (axes, confusion) in enumerate(zip(panel_row, row, strict=False)):
                drawn = _draw(axes, confusion, first=number == 0, last=last)
        bar = figure.colorbar(drawn, ax=panels, location="bottom", shrink=0.4, aspect=30, pad=0.02)
        bar.set_label("share of the true class (%)", fontsize=6.5)
        bar.ax.tick_params(labelsize=6)
        bar.outline.set_linewidth(0.5)
    return figure


def _draw(axes: Axes, confusion: Confusion, *, first: bool, last: bool) -> AxesImage:
    drawn = axes.imshow(100 * np.ma.masked_invalid(confusion.shares), vmin=0, vmax=100, cmap=COLORS)
    axes.set_title(confusion.setting.label, fontsize=6)
    classes = [style.literal(name) for name in confusion.classes]
    named = len(classes) <= _NAMED and max(map(len, classes)) <= _LONGEST_NAME
    ticks = list(range(len(classes)))
    # Names at the edge of the figure alone: they are the same for all.
    axes.set_xticks(*((ticks, classes) if named and last else ([], [])), fontsize=4.5)
    axes.set_yticks(*((ticks, classes) if named and first else ([], [])), fontsize=4.5)
    axes.tick_params(length=0, pad=1.5)
    if first:
        axes.set_ylabel(confusion.setting.network.replace(", ", ",\n"), fontsize=6.5)
    return drawn
