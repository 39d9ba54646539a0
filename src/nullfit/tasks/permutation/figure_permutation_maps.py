"""Maps of a permutation test over the pixels of an image."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy import ndarray

from nullfit.charts import style
from nullfit.tasks.permutation.findings import Findings

STATISTIC_COLORS, P_COLORS = "viridis", "magma"  # perceptually uniform; small p are dark
LEVEL = 0.05
OUTLINE = "#2ec4ff"
P_TITLES = {
    "p_value": "p",
    "p_bh": "p, Benjamini–Hochberg",
    "p_holm": "p, Holm",
    "p_max_t": "p, max-T",
}
_PANEL, _BELOW = 1.95, 0.25  # inches of a row of panels, and of the note
_P_TICKS = (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)

Map = Float64[ndarray, "h w"]


def draw_permutation_maps(found: Findings, note: str) -> Figure:
    """The statistic and its p-values, pixel by pixel; what is significant at 0.05 is outlined.

    p is coloured on a logarithmic scale.
    """
    smallest, shown = 1 / (len(found.null_statistic) + 1), mapped(found)
    with style.applied():
        figure = style.new_figure(_PANEL + _BELOW, note)
        panels = list(figure.subplots(1, 1 + len(shown)))
        first = _draw(
            panels[0], pixel_map(found.arrays["statistic"]), "statistic", STATISTIC_COLORS
        )
        _bar(figure, first, [panels[0]])
        for axes, name in zip(panels[1:], shown, strict=True):
            p = pixel_map(found.arrays[name])
            last = _draw(axes, p, P_TITLES[name], P_COLORS, LogNorm(smallest, 1))
            _outline(axes, p <= LEVEL)
        bar = _bar(figure, last, panels[1:])
        ticks = [p for p in _P_TICKS if p >= smallest]
        bar.set_ticks(ticks, labels=[f"{p:g}" for p in ticks], minor=False)
        bar.minorticks_off()
        bar.set_label(f"outlined: p ≤ {LEVEL}", fontsize=6.5)
    return figure


def mapped(found: Findings) -> tuple[str, str, str]:
    """The p-values that are shown: raw, and adjusted for either kind of error among many."""
    return "p_value", "p_bh", found.familywise


def pixel_map(values: ndarray) -> Map:
    """The value of each pixel, which its channels share: they are one feature."""
    return values[0]  # type: ignore[no-any-return]


def _draw(
    axes: Axes, values: Map, title: str, colors: str, norm: LogNorm | None = None
) -> AxesImage:
    drawn = axes.imshow(values, cmap=colors, norm=norm, interpolation="none")
    axes.set_title(title, fontsize=7)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    return drawn


def _bar(figure: Figure, drawn: AxesImage, panels: Sequence[Axes]) -> Colorbar:
    bar = figure.colorbar(
        drawn, ax=list(panels), location="bottom", aspect=14 * len(panels), pad=0.04, shrink=0.9
    )
    bar.ax.tick_params(labelsize=5.5)
    bar.outline.set_linewidth(0.5)
    return bar


def _outline(axes: Axes, inside: ndarray) -> None:
    """Lines between pixels that are in and pixels that are out."""
    padded = np.pad(inside, 1)
    down = np.argwhere(padded[1:] != padded[:-1])
    across = np.argwhere(padded[:, 1:] != padded[:, :-1])
    # Pixel (row, column) of the image lies around (column, row); padding shifted both by one.
    lines = [[(x - 1.5, y - 0.5), (x - 0.5, y - 0.5)] for y, x in down]
    lines += [[(x - 0.5, y - 1.5), (x - 0.5, y - 0.5)] for y, x in across]
    axes.add_collection(LineCollection(lines, colors=OUTLINE, linewidths=0.7, clip_on=False))
