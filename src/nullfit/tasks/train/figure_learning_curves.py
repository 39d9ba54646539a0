"""Learning curves: loss and accuracy against epoch or step."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import cycle

import altair as alt
import pandas

from nullfit.charts.appearance import network_looks
from nullfit.charts.axes import fractions, logarithmic, whole_numbers
from nullfit.charts.figure import Figure, Panel, Series, Switch
from nullfit.charts.marks import by_series, curves, layered, level, points
from nullfit.results.curves import Curves
from nullfit.results.settings import Setting
from nullfit.results.task_run import chance_of
from nullfit.tasks.train.legend import Legend

_TITLES = {
    "train/running_loss": "training loss",
    "train/accuracy": "training accuracy",
    "val/loss": "validation loss",
    "val/accuracy": "validation accuracy",
    "test/loss": "test loss",
    "test/accuracy": "test accuracy",
}
_TITLES_OF_LABELS = {
    "train/accuracy_untouched": "labels that were left",
    "train/accuracy_corrupted": "labels that were changed",
    "train/accuracy_true_labels": "true labels of all",
}
_TITLES_OF_NORMS = {
    "weights/norm": "norm of all weights",
    "weights/log_norm_product": "log of the product of norms",
    "weights/distance_from_start": "distance from the start",
    "train/margin": "margin of the training samples",
}
# Okabe and Ito's, as those of corruptions.
_STARTS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00")
_HIGHEST_LOSS = 2.2  # times the loss of guessing: spikes of the first epochs are cut off
_SWITCHES = (
    Switch("horizontal axis", ("epoch", "step")),
    Switch("axis of the loss", ("linear loss", "log loss")),
)
_STEPS = {"step": {"x": {"field": "step", "title": "step"}}}
_OF_POINTS = [
    *(alt.Tooltip("epoch:Q"), alt.Tooltip("mean:Q", title="published"), alt.Tooltip("source:N"))
]
_X = alt.X("epoch:Q", title="epoch", scale=alt.Scale(nice=False, padding=5), axis=whole_numbers())


def learning_curves(of: Sequence[Curves], legend: Legend, note: str) -> Figure:
    """A panel for each metric of one network, a curve for each setting: its mean and a band.

    Bands are over the seeds. A thin line goes on from where all runs had stopped. Rings are
    published points, the grey line is chance, where they are known.
    """
    series = [replace(legend[c.setting.label], label=_name(c.setting)) for c in of]
    told = " ".join(filter(None, [note, _cut_losses(of)]))
    return Figure(_panels(of, series, _TITLES), told, series, switches=_SWITCHES)


def start_curves(of: Sequence[Curves], note: str) -> Figure:
    """The same for settings that differ in the weights that they begin with, a colour each."""
    looks = network_looks(curve.setting.network for curve in of)
    colors = cycle(_STARTS)
    series = [
        Series(looks[curve.setting.network].label, replace(drawn, color=next(colors)))
        for curve in of
        for drawn in [looks[curve.setting.network]]
    ]
    return Figure(_panels(of, series, _TITLES), note, series, switches=_SWITCHES)


def label_curves(of: Sequence[Curves], legend: Legend, note: str) -> Figure:
    """Accuracies on untouched and on changed labels, of settings of one network that have both."""
    series = [replace(legend[c.setting.label], label=_name(c.setting)) for c in of]
    panels = _panels(of, series, _TITLES_OF_LABELS)
    return Figure(panels, note, series, columns=3, switches=_SWITCHES[:1])


def norm_curves(of: Sequence[Curves], legend: Legend, note: str) -> Figure:
    """Norms of the weights, and margins where each epoch has them, of settings of one network.

    A margin is a logit of the label less the largest other one; the 10 % quantile of the samples.
    """
    series = [replace(legend[c.setting.label], label=_name(c.setting)) for c in of]
    panels = _panels(of, series, _TITLES_OF_NORMS)
    columns = 2 if len(panels) == 4 else 3  # no panel alone in its row
    return Figure(panels, note, series, columns=columns, switches=_SWITCHES[:1])


def _panels(
    of: Sequence[Curves], series: Sequence[Series], titles: Mapping[str, str]
) -> list[Panel]:
    return [
        _panel(of, series, metric, title)
        for metric, title in titles.items()
        if any(metric in curve.bands for curve in of)
    ]


def _name(setting: Setting) -> str:
    lost = len(setting.diverged)
    return setting.label + (f" ({lost} of {len(setting.runs)} diverged)" if lost else "")


def _panel(of: Sequence[Curves], series: Sequence[Series], metric: str, title: str) -> Panel:
    accuracy, loss = "/accuracy" in metric, "loss" in metric
    frame = _curves(of, metric)
    tails = _tails(frame, max(int(b.epochs[-1]) for curve in of for b in curve.bands.values()))
    top = _highest(of, frame) if loss else None
    scale = {"domain": [0, top], "nice": False} if loss else {"zero": False, "padding": 5}
    axis = fractions() if accuracy else {"scale": scale}
    y = alt.Y("mean:Q", title=None, **axis)
    form = ".2%" if accuracy else ".3~r"
    measured = [name for name in ("mean", "low", "high") if name in frame]
    tooltip = [alt.Tooltip("epoch:Q"), alt.Tooltip("step:Q", format=",.0f")]
    tooltip += [alt.Tooltip(f"{name}:Q", format=form) for name in measured]
    layers: list[alt.Chart | alt.LayerChart] = [
        curves(frame, _X, y, series, tooltip=tooltip, top=top)
    ]
    if len(tails):
        above = top is not None and bool((tails["mean"] > top).any())
        thin = alt.Chart(tails).mark_line(strokeWidth=0.8, clip=above)
        layers.append(thin.encode(x=_X, y=y, **by_series(series, "color")))
    published = _published(of, metric)
    if len(published):
        shown = published if top is None else published[published["mean"] <= top]
        layers.append(points(shown, _X, y, series, tooltip=_OF_POINTS, hollow=True))
    chance = chance_of(run for curve in of for run in curve.setting.runs)
    if metric == "test/accuracy" and chance is not None:
        layers.append(level([chance]))
    log = {} if not loss else {"log loss": {"y": logarithmic(frame["mean"])}}
    return Panel(title, layered(*layers), options={**_STEPS, **log})


def _curves(of: Sequence[Curves], metric: str) -> pandas.DataFrame:
    """Epoch by epoch; without a spread where each setting has one run."""
    frame = pandas.concat(
        [
            pandas.DataFrame({"series": number, **vars(curve.bands[metric])}).assign(
                step=curve.bands[metric].epochs * curve.steps_per_epoch
            )
            for number, curve in enumerate(of)
            if metric in curve.bands
        ],
        ignore_index=True,
    ).rename(columns={"epochs": "epoch"})
    alone = all(len(curve.setting.runs) == 1 for curve in of)
    return frame.drop(columns=["low", "high"]) if alone else frame


def _published(of: Sequence[Curves], metric: str) -> pandas.DataFrame:
    """Published points of the same metric."""
    found = [
        curve.published[curve.published["metric"] == metric].assign(
            series=number, step=lambda points, curve=curve: points["epoch"] * curve.steps_per_epoch
        )
        for number, curve in enumerate(of)
    ]
    return pandas.concat(found, ignore_index=True).rename(columns={"value": "mean"})


def _tails(frame: pandas.DataFrame, longest: int) -> pandas.DataFrame:
    """From where all runs of a setting had stopped to the end, the level they stopped at."""
    last = frame.drop_duplicates("series", keep="last")
    last = last[last["epoch"] < longest]
    end = last.assign(epoch=longest, step=last["step"] / last["epoch"] * longest)
    return pandas.concat([last, end])[["series", "epoch", "step", "mean"]].reset_index(drop=True)


def _cut_losses(of: Sequence[Curves]) -> str:
    """What the axes of losses leave out, where they do."""
    losses = [name for name in _TITLES if "loss" in name]
    there = [name for name in losses if any(name in curve.bands for curve in of)]
    largest = max((_largest(_curves(of, metric)) for metric in there), default=0.0)
    end = _end_of_losses(of)
    return f"Losses above {end:.1f} are not shown on a linear axis." if largest > end else ""


def _highest(of: Sequence[Curves], frame: pandas.DataFrame) -> float:
    return min(1.05 * _largest(frame), _end_of_losses(of))


def _end_of_losses(of: Sequence[Curves]) -> float:
    classes = int(of[0].setting.runs[0].result["data"]["classes"])
    return _HIGHEST_LOSS * math.log(max(classes, 2))


def _largest(frame: pandas.DataFrame) -> float:
    return float(frame["high" if "high" in frame else "mean"].max())
