"""Losses of corrupted and of untouched samples, and the mixture fitted to them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.probes.loss_mixture.separation import Separation

_HEIGHT = 2.3  # inches
_WIDTHS = (1.7, 1.0)  # of the panels
BINS = 60
_ROOM = 1.08  # above the highest bar, of its height

UNTOUCHED, CORRUPTED = style.look("gaussian").color, style.look("random_labels").color
# The same in both figures, on paper and on the page.
KINDS = (("untouched labels", UNTOUCHED, False), ("corrupted labels", CORRUPTED, True))
COMPONENTS: tuple[tuple[str, str, str | tuple[int, tuple[float, ...]]], ...] = (
    ("component of small losses", "#00553D", (0, (5.0, 1.6))),
    ("component of large losses", "#8A3B00", "-"),
)
CURVES = (("loss of the epoch", "#56B4E9", "s"), ("mean loss up to it", style.INK, "o"))
AXIS = {"mean": "loss of a sample, mean over epochs (nats)", "last": "loss of a sample (nats)"}


def draw_loss_mixture(shown: Separation, losses: str, note: str) -> Figure:
    """The histogram of the losses with the components' curves; how well losses rank by epoch.

    ``losses`` is "mean" or "last". The second panel, the area under the ROC curve against the
    epoch, is left out where no label, or every one, was corrupted.
    """
    ranked = not np.isnan(shown.areas).any()
    with style.applied():
        figure = style.new_figure(_HEIGHT, note)
        if ranked:
            histogram, curve = figure.subplots(1, 2, width_ratios=_WIDTHS)
            _draw_areas(curve, shown)
        else:
            histogram = figure.subplots()
        _draw_histogram(histogram, shown)
        histogram.set_xlabel(AXIS[losses])
        figure.set_figheight(_HEIGHT + add_legend(figure, figure.axes))
    return figure


def bins(shown: Separation) -> np.ndarray:
    """The edges of the histogram's bins."""
    return np.histogram_bin_edges(shown.scores, BINS)


def _draw_histogram(axes: Axes, shown: Separation) -> None:
    edges = bins(shown)
    highest = 0
    for label, color, changed in KINDS:
        chosen = shown.scores[shown.label_changed == changed]
        if len(chosen):
            counts, _ = np.histogram(chosen, edges)
            highest = max(highest, int(counts.max()))
            axes.stairs(counts, edges, fill=True, color=color, alpha=0.45, label=label, linewidth=0)
    in_a_bin = len(shown.scores) * (edges[1] - edges[0])
    for (label, color, line), density in zip(COMPONENTS, shown.densities.T, strict=True):
        axes.plot(shown.places, in_a_bin * density, label=label, color=color, linestyle=line)
    axes.set_ylim(0, _ROOM * highest)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylabel("samples")


def _draw_areas(axes: Axes, shown: Separation) -> None:
    for (label, color, marker), areas in zip(CURVES, shown.areas.T, strict=True):
        every = max(1, len(shown.epochs) // 6)
        axes.plot(shown.epochs, areas, label=label, color=color, marker=marker, markevery=every)
    axes.set_xlabel("epoch")
    axes.set_ylabel("area under the ROC curve")
    axes.set_ylim(top=1.0)
    axes.locator_params(axis="y", nbins=5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.grid(visible=True, axis="y")
