"""The heat map of a factorization's errors over rank and penalty."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullFormatter

from nullfit.charts import style
from nullfit.tasks.factorization.factorization_map import ErrorMap

COLORS = "cividis_r"  # dark is a large error
_CELL, _AROUND = 0.19, 0.85  # inches
_NUMBERED = 9  # columns that have room for numbers


def draw_error_map(errors: ErrorMap, note: str) -> Figure:
    """Training and test error; the lowest test error is framed, the true rank is marked."""
    with style.applied():
        figure = style.new_figure(len(errors.ranks) * _CELL + _AROUND, note)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, values, title in zip(
            panels, (errors.train, errors.test), ("training error", "test error"), strict=True
        ):
            drawn = _draw(axes, errors, values)
            axes.set_title(f"{title}, {errors.label}")
            bar = figure.colorbar(drawn, ax=axes, shrink=0.9, aspect=25, pad=0.02)
            bar.ax.tick_params(labelsize=6)
            bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
            bar.ax.yaxis.set_major_formatter("{x:g}")
            bar.ax.yaxis.set_minor_formatter(NullFormatter())
            bar.outline.set_linewidth(0.5)
        row, column = errors.lowest
        frame = Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, clip_on=False)
        frame.set(edgecolor="#D55E00", linewidth=1.4)
        panels[1].add_patch(frame)
        panels[0].set_ylabel("rank K")
    return figure


def _draw(axes: Axes, errors: ErrorMap, values: np.ndarray) -> AxesImage:
    scale = LogNorm(float(np.nanmin(values)), float(np.nanmax(values)))
    drawn = axes.imshow(
        np.ma.masked_invalid(values), cmap=COLORS, norm=scale, aspect="auto", origin="lower"
    )
    axes.set_xticks(range(len(errors.penalties)), [f"{p:g}" for p in errors.penalties])
    known = [f"{rank} (true)" if rank == errors.true_rank else str(rank) for rank in errors.ranks]
    axes.set_yticks(range(len(errors.ranks)), known)
    axes.tick_params(length=0)
    axes.set_xlabel("penalty λ")
    if len(errors.penalties) <= _NUMBERED:
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                ink = "white" if scale(value) > 0.55 else style.INK
                axes.text(
                    column, row, f"{value:.3g}", ha="center", va="center", fontsize=4.5, color=ink
                )
    return drawn
