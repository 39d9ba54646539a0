"""The features of a table: each one's statistic against its null, and p-values."""

import numpy as np
from matplotlib.figure import Figure

from nullfit.charts import style
from nullfit.tasks.permutation.figure_null_distributions import NULL_COLOR, OBSERVED_COLOR
from nullfit.tasks.permutation.findings import Findings

_MOST = 30
_LEVEL = 0.05
_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_P = (
    ("p_value", "p", "o", style.INK),
    ("p_bh", "Benjamini–Hochberg", "s", "#0072B2"),
    ("p_holm", "Holm", "^", "#E69F00"),
    ("p_max_t", "max-T", "D", "#009E73"),
)


def draw_permutation_features(found: Findings, statistic: str, note: str) -> Figure:
    """Left the observed statistic and the middle 90% of its null, right p-values (logarithmic).

    The features with the smallest p come first; at most 30 are drawn.
    """
    order = np.lexsort((-found.statistic, found.p["p_value"]))[:_MOST]
    rows = np.arange(len(order))
    with style.applied():
        figure = style.new_figure(1.15 + 0.19 * len(order), note)
        left, right = figure.subplots(1, 2, sharey=True)
        low, middle, high = np.quantile(found.null_statistic[:, order], [0.05, 0.5, 0.95], axis=0)
        left.hlines(rows, low, high, color=NULL_COLOR, linewidth=5, label="null, middle 90%")
        left.plot(middle, rows, "|", color="#4a90c2", markersize=6, markeredgewidth=1.0)
        left.plot(found.statistic[order], rows, "o", color=OBSERVED_COLOR, label="observed")
        left.set_xlabel(statistic)
        left.set_xlim(left=min(0.0, left.get_xlim()[0]))
        told = [each for each in _P if each[0] in found.p]
        for place, (name, label, marker, color) in enumerate(told):
            shift = 0.14 * (place - (len(told) - 1) / 2)
            right.plot(found.p[name][order], rows + shift, marker, color=color, label=label, ms=3)
        right.axvline(_LEVEL, color=style.FAINT, linewidth=0.7, linestyle=(0, (4, 2)))
        right.set_xscale("log")
        shown = [p for p in _TICKS if p >= min(float(p.min()) for p in found.p.values()) / 1.5]
        right.set_xticks(shown, [f"{p:g}" for p in shown])
        right.set_xticks([], minor=True)
        right.set_xlabel(f"p (dashed: {_LEVEL})")
        left.set_yticks(rows, [style.literal(found.names[number]) for number in order])
        left.set_ylim(len(order) - 0.5, -0.5)
        for axis in (left, right):
            axis.grid(axis="y")
            axis.tick_params(axis="y", length=0)
            axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure
