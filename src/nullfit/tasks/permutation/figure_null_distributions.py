"""Statistics of a permutation test against their null distributions."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nullfit.charts import style
from nullfit.tasks.permutation.findings import Findings

NULL_COLOR, OBSERVED_COLOR = "#9ecae1", "#D55E00"
_BINS = 20


def draw_null_distributions(found: Findings, features: Sequence[int], note: str) -> Figure:
    """The observed statistic of some features, a line each, and the histogram of its null."""
    with style.applied():
        figure = style.new_figure(1.75, note)
        panels = figure.subplots(1, len(features), sharey=True, squeeze=False)[0]
        for axes, number in zip(panels, features, strict=True):
            null, observed = found.null_statistic[:, number], found.statistic[number]
            axes.hist(null, bins(null, float(observed)), color=NULL_COLOR, label="null")
            axes.axvline(observed, color=OBSERVED_COLOR, label="observed")
            axes.set_title(
                f"{style.literal(found.names[number])}\np = {found.p['p_value'][number]:.2g}",
                fontsize=6,
            )
            axes.tick_params(labelsize=5.5)
            axes.locator_params(axis="x", nbins=3)
            axes.ticklabel_format(axis="x", scilimits=(-2, 3), useMathText=True)
            axes.xaxis.get_offset_text().set_fontsize(5.5)
        panels[0].set_ylabel("replicates", fontsize=6.5)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return figure


def bins(null: np.ndarray, observed: float) -> np.ndarray:
    """Edges of the bars, wide enough to hold the observed value as well."""
    low, high = min(null.min(), observed), max(null.max(), observed)
    room = 0.04 * (high - low) or 0.5 * abs(observed) or 1.0
    return np.linspace(low - room, high + room, _BINS + 1)
