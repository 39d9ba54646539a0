"""Theorem 1, constructed: accuracies and residuals against n, and the function itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.results.grouping import Group
from nullfit.results.task_run import TaskRun, chance_of
from nullfit.tasks.expressivity.expressivity_settings import samples_of

_HEIGHT = 2.2  # inches
_MOST_POINTS = 60  # of a function that can be looked at
RESIDUAL = "train/largest_residual"

Settings = Mapping[tuple[str, str], Sequence[Group[TaskRun]]]


@dataclass(frozen=True)
class Along:
    """The function along its direction: its knots, and the points that it goes through."""

    places: Float64[np.ndarray, " knots"]
    values: Float64[np.ndarray, " knots"]
    projections: Float64[np.ndarray, " n"]
    targets: Float64[np.ndarray, " n"]

    @classmethod
    def of(cls, run: TaskRun) -> "Along":
        """The first points of a run by projection, as many as can be looked at."""
        arrays = run.arrays()
        shown = slice(_MOST_POINTS)
        z, y = arrays["projections"][shown], arrays["targets"][shown]
        b, w = arrays["biases"][shown], arrays["weights"][shown]
        places = np.sort(np.concatenate([b, z]))
        values = np.maximum(places[:, None] - b, 0) @ w
        return cls(places, values, z, y)


def smallest(settings: Settings) -> Group[TaskRun]:
    """The setting with the fewest samples, on destroyed labels rather than on true ones."""
    every = [setting for members in settings.values() for setting in members]
    return min(every, key=lambda s: (samples_of(s), s.corruption == "none"))


def draw_expressivity(settings: Settings, note: str) -> Figure:
    """Accuracies and the largest residual against n, over all runs (bars: lowest to highest)."""
    several = len({data for data, _ in settings}) > 1
    with style.applied():
        figure = style.new_figure(_HEIGHT, note)
        accuracy, residual = figure.subplots(1, 2)
        for number, ((data, label), members) in enumerate(settings.items()):
            name = f"{data}, {label}" if several else label
            line = style.NETWORK_LINES[number % len(style.NETWORK_LINES)] if several else "-"
            _draw(accuracy, members, "test/accuracy", name, line, 100.0)
            _draw(accuracy, members, "train/accuracy", None, line, 100.0)
            _draw(residual, members, RESIDUAL, name, line, 1.0)
        each = [chance_of(run for m in s for run in m.runs) for s in settings.values()]
        for chance in {share for share in each if share is not None}:
            accuracy.axhline(100 * chance, color=style.FAINT, linewidth=0.5, zorder=0)
        residual.axhline(0.5, color=style.FAINT, linewidth=0.5, zorder=0)
        _finish(accuracy, residual)
        figure.set_figheight(_HEIGHT + add_legend(figure, (accuracy, residual)))
    return figure


def draw_function(along: Along, note: str) -> Figure:
    """The function along its direction, through the first points."""
    with style.applied():
        figure = style.new_figure(1.9, note)
        axes = figure.subplots()
        axes.plot(along.places, along.values, color="#0072B2", linewidth=0.8)
        axes.plot(along.projections, along.targets, "o", color=style.INK, markersize=3)
        axes.set_xlabel("projection ⟨a, x⟩")
        axes.set_ylabel("c(x); points: labels")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(visible=True, axis="y")
    return figure


def _draw(
    axes: Axes,
    members: Sequence[Group[TaskRun]],
    metric: str,
    name: str | None,
    line: str | tuple[int, tuple[float, ...]],
    scale: float,
) -> None:
    look, spreads = style.look(members[0].corruption), [s.measured(metric) for s in members]
    bars = [[s.mean - s.low for s in spreads], [s.high - s.mean for s in spreads]]
    axes.errorbar(
        [samples_of(s) for s in members],
        [scale * s.mean for s in spreads],
        yerr=scale * np.asarray(bars) if any(s.n > 1 for s in spreads) else None,
        elinewidth=0.6,
        color=look.color,
        linestyle=line,
        marker=look.marker if name else None,
        linewidth=1.3 if name else 0.7,
        label=name,
    )


def _finish(accuracy: Axes, residual: Axes) -> None:
    accuracy.set_ylabel("accuracy (%)")
    accuracy.set_ylim(-3, 106)
    # Where the thin lines of several corruptions lie on each other.
    accuracy.text(0.03, 0.93, "training", transform=accuracy.transAxes, fontsize=6.5, va="top")
    residual.set_yscale("log")
    residual.set_ylabel("largest |c(x) − label|")
    for axes in (accuracy, residual):
        axes.set_xscale("log")
        axes.set_xlabel("training samples n")
        axes.grid(visible=True, axis="y")
