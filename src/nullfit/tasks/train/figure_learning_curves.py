"""Learning curves of a study: loss and accuracy against the epoch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.results.curves import Curves
from nullfit.results.task_run import chance_of

_PANEL_HEIGHT = 1.45  # inches
_BELOW = 0.55
_ROWS = 5  # networks in one figure: more do not fit on a page
_HIGHEST_LOSS = 2.2  # times the loss of guessing: spikes of the first epochs are cut off
_MARKS = 6  # markers on a curve, to tell curves apart without colour


@dataclass(frozen=True)
class _Panel:
    """A column of the figure: which metric, over what range."""

    metric: str
    title: str
    percent: bool


_PANELS = (
    _Panel("train/running_loss", "training loss", percent=False),
    _Panel("train/accuracy", "training accuracy (%)", percent=True),
    _Panel("test/accuracy", "test accuracy (%)", percent=True),
)


def draw_learning_curves(curves: Sequence[Curves], note: str) -> list[Figure]:
    """One row of panels for each network, one curve for each corruption; five rows a figure.

    A curve is the mean over seeds, the band reaches from the lowest to the highest. A run that
    stopped earlier than others counts with its last values; where all have stopped a thin line goes
    on. The grey line is chance, where it is known. The training loss is that of the batches while
    training, shown up to about twice that of guessing. ``note`` says what the data are.
    """
    networks = list(dict.fromkeys(curve.setting.network for curve in curves))
    return [
        _figure(networks[start : start + _ROWS], curves, note)
        for start in range(0, len(networks), _ROWS)
    ]


def _figure(networks: list[str], curves: Sequence[Curves], note: str) -> Figure:
    with style.applied():
        height = len(networks) * _PANEL_HEIGHT + _BELOW
        figure = style.new_figure(height, note)
        panels = figure.subplots(len(networks), len(_PANELS), squeeze=False, sharex="row")
        for row, network in zip(panels, networks, strict=True):
            _draw_network(row, [c for c in curves if c.setting.network == network])
            row[0].set_ylabel(network.replace(", ", ",\n"))
        for axes, panel in zip(panels[0], _PANELS, strict=True):
            axes.set_title(panel.title)
        for axes in panels[-1]:
            axes.set_xlabel("epoch")
        figure.set_figheight(height + add_legend(figure, panels.flat))
    return figure


def _draw_network(row: np.ndarray, curves: Sequence[Curves]) -> None:
    classes = int(curves[0].setting.runs[0].result["data"]["classes"])
    guessing = math.log(max(classes, 2))
    chance = chance_of(run for curve in curves for run in curve.setting.runs)
    longest = max(int(band.epochs[-1]) for c in curves for band in c.bands.values())
    for axes, panel in zip(row, _PANELS, strict=True):
        for curve in curves:
            _draw_curve(axes, panel, curve, longest)
        if panel.percent:
            axes.set_ylim(-3, 103)
        else:
            axes.set_ylim(0, min(axes.get_ylim()[1], _HIGHEST_LOSS * guessing))
        if panel.metric.startswith("test") and chance is not None:
            axes.axhline(100 * chance, color=style.FAINT, linewidth=0.5, zorder=0)
        axes.grid(visible=True, axis="y")


def _draw_curve(axes: Axes, panel: _Panel, curve: Curves, longest: int) -> None:
    band = curve.bands.get(panel.metric)
    if band is None:
        return
    look = style.look(curve.setting.corruption)
    scale = 100 if panel.percent else 1
    axes.plot(
        band.epochs,
        scale * band.mean,
        **{**look.line(), "label": curve.setting.label},
        alpha=style.opacity(curve.setting.shade),
        markevery=max(1, len(band.epochs) // _MARKS),
    )
    if band.epochs[-1] < longest:  # stopped once it had fitted: the rest is known, and drawn thin
        ends, level = [band.epochs[-1], longest], scale * band.mean[-1]
        axes.plot(ends, [level, level], color=look.color, linewidth=0.5, alpha=0.7)
    if len(curve.setting.runs) > 1:
        low, high = scale * band.low, scale * band.high
        axes.fill_between(band.epochs, low, high, color=look.color, alpha=0.15, linewidth=0)
