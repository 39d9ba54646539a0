"""How well random signs are fitted, epoch by epoch."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from nullfit.charts import style
from nullfit.charts.legend import add_legend

_HEIGHT = 2.1  # inches
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

Curves = Float[np.ndarray, "draws epochs"]


def draw_rademacher(curves: Mapping[str, Curves], note: str) -> Figure:
    """The correlation with the signs against the epoch: thin each draw, thick their mean."""
    with style.applied():
        figure = style.new_figure(_HEIGHT, note)
        axes = figure.subplots()
        for number, (name, draws) in enumerate(curves.items()):
            color = COLORS[number % len(COLORS)]
            epochs = np.arange(1, draws.shape[1] + 1)
            axes.plot(epochs, draws.T, color=color, linewidth=0.4, alpha=0.5)
            line = style.NETWORK_LINES[number % len(style.NETWORK_LINES)]
            axes.plot(epochs, draws.mean(0), color=color, linestyle=line, label=name)
        axes.axhline(1.0, color=style.FAINT, linewidth=0.5, zorder=0)
        axes.set_xlabel("epoch")
        axes.set_ylabel("correlation with random signs")
        lowest = min(float(draws.min()) for draws in curves.values())
        axes.set_ylim(min(0.0, lowest) - 0.05, 1.06)
        axes.grid(visible=True, axis="y")
        figure.set_figheight(_HEIGHT + add_legend(figure, (axes,)))
    return figure
