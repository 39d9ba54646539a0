"""Learning curves of a study: training loss, training and test accuracy against the epoch."""

from dataclasses import dataclass

import numpy as np
import pandas
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nullfit.plots import style
from nullfit.results.order import place
from nullfit.results.study import Run, Study

_PANEL_HEIGHT = 1.55  # inches
_BELOW, _ABOVE = 0.75, 0.3
_MARKS = 6  # markers on a curve, to tell curves apart without colour


@dataclass(frozen=True)
class _Panel:
    """A column of the figure: which metric, over what range."""

    metric: str
    title: str
    percent: bool


_PANELS = (
    _Panel("train/loss", "training loss", percent=False),
    _Panel("train/accuracy", "training accuracy (%)", percent=True),
    _Panel("test/accuracy", "test accuracy (%)", percent=True),
)


def draw_learning_curves(study: Study) -> Figure:
    """One row of panels for each network, one curve for each corruption.

    A curve is the mean over all runs of the study with that network and corruption, the band
    reaches from the lowest to the highest. A run that stopped earlier than others counts with its
    last values; where all have stopped a thin line goes on. The grey line is chance.
    """
    models = list(dict.fromkeys(run.model for run in study.runs))
    height = len(models) * _PANEL_HEIGHT + _BELOW + _ABOVE
    with style.applied():
        figure = Figure(figsize=(style.TEXT_WIDTH, height), dpi=style.DPI)
        FigureCanvasAgg(figure)
        panels = figure.subplots(len(models), len(_PANELS), squeeze=False, sharex="row")
        for row, model in zip(panels, models, strict=True):
            _draw_model(row, study, [run for run in study.runs if run.model == model])
            row[0].set_ylabel(model)
        for axes, panel in zip(panels[0], _PANELS, strict=True):
            axes.set_title(panel.title)
        for axes in panels[-1]:
            axes.set_xlabel("epoch")
        handles, labels = _legend_entries(panels)
        figure.legend(handles, labels, loc="lower center", ncols=min(len(labels), 5))
        figure.tight_layout(rect=(0, 0.28 / height, 1, 1), pad=0.3, w_pad=0.8, h_pad=0.8)
    return figure


def _draw_model(row: np.ndarray, study: Study, runs: list[Run]) -> None:
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(study.corruption_label(run), []).append(run)
    ordered = sorted(groups.items(), key=lambda item: _place(item[1][0]))
    longest = max(run.result["epochs"] for run in runs)
    for axes, panel in zip(row, _PANELS, strict=True):
        for label, members in ordered:
            same = [g for g in groups.values() if g[0].corruption == members[0].corruption]
            rank = sorted(same, key=lambda g: _place(g[0])).index(members)
            _draw_curve(axes, panel, label, members, (rank + 1) / len(same), longest)
        if panel.percent:
            axes.set_ylim(-3, 103)
        else:
            axes.set_ylim(bottom=0)
        if panel.metric.startswith("test"):
            chance = 100 / runs[0].result["data"]["classes"]
            axes.axhline(chance, color=style.FAINT, linewidth=0.5, zorder=0)
        axes.grid(visible=True, axis="y")


def _draw_curve(
    axes: Axes, panel: _Panel, label: str, runs: list[Run], strength: float, longest: int
) -> None:
    look = style.look(runs[0].corruption)
    scale = 100 if panel.percent else 1
    curves = pandas.concat(
        [run.epochs().set_index("epoch")[panel.metric].dropna() * scale for run in runs], axis=1
    ).ffill()
    mean = curves.mean(axis=1)
    axes.plot(
        mean.index,
        mean,
        **{**look.line(), "label": label if label != runs[0].corruption else look.label},
        alpha=0.35 + 0.65 * strength,
        markevery=max(1, len(mean) // _MARKS),
    )
    if mean.index[-1] < longest:  # stopped once it had fitted: the rest is known, and drawn thin
        level = float(mean.iloc[-1])
        axes.plot(
            [mean.index[-1], longest], [level, level], color=look.color, linewidth=0.5, alpha=0.7
        )
    if len(runs) > 1:
        low, high = curves.min(axis=1), curves.max(axis=1)
        axes.fill_between(mean.index, low, high, color=look.color, alpha=0.15, linewidth=0)


def _place(run: Run) -> tuple[int, tuple[float, ...]]:
    return place(run.corruption), tuple(run.strength.values())


def _legend_entries(panels: np.ndarray) -> tuple[list[Artist], list[str]]:
    entries: dict[str, Artist] = {}
    for axes in panels.flat:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    return list(entries.values()), list(entries)
