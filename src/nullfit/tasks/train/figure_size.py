"""Errors against the size of a network, and against size and epoch (double descent)."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas

from nullfit.charts.axes import fractions, logarithmic
from nullfit.charts.figure import Figure, Panel, Series, corruption_series
from nullfit.charts.marks import curves, layered, level
from nullfit.results.curves import Curves
from nullfit.results.settings import Setting, flat_settings
from nullfit.results.spread import Spread

FEWEST = 4  # sizes that make a curve
_MOST_MAPS = 3  # kinds of data that a figure shows maps of
_EPOCHS = 24  # rows of a map, evenly spaced by the logarithm
_LEAST = 0.005  # errors below it look alike
_CELL = 0.55  # lines of text
# What follows from the size, or tells runs of one size apart.
_OWN = ("model.", "corruption.", "optimizer.lr")
_TITLES = {
    "train/accuracy": "training error",
    "test/accuracy": "test error",
    "test/loss": "test loss",
}
_SHADES = ["#FFFFFF", "#08306B"]


@dataclass(frozen=True)
class Sizes:
    """Settings of one kind of network that differ in its size, and in the corruption, alone."""

    settings: list[Setting]

    @property
    def threshold(self) -> int:
        """Training samples × classes: as many weights as there are numbers to fit."""
        data = self.settings[0].runs[0].result["data"]
        return int(data["train_samples"]) * int(data["classes"])


def sizes_of(settings: Sequence[Setting]) -> list[Sizes]:
    """The families of settings in which there are enough sizes for a curve."""
    families: dict[str, list[Setting]] = {}
    for setting in settings:
        run = setting.runs[0]
        if "parameters" not in run.result["model"]:
            continue
        flat = flat_settings(run.config)
        rest = {key: str(value) for key, value in flat.items() if not key.startswith(_OWN)}
        key = str((run.config["model"].get("_target_"), sorted(rest.items())))
        families.setdefault(key, []).append(setting)
    return [
        Sizes(sorted(members, key=parameters))
        for members in families.values()
        if len(set(map(parameters, members))) >= FEWEST
    ]


def parameters(setting: Setting) -> int:
    """The number of weights of its network."""
    return int(setting.runs[0].result["model"]["parameters"])


def errors_by_size(sizes: Sizes, note: str) -> Figure:
    """Training error, test error and test loss at the end against the number of weights."""
    series = corruption_series((s.corruption, s.label) for s in sizes.settings)
    there = [metric for metric in _TITLES if any(s.values(metric) for s in sizes.settings)]
    panels = [_panel(sizes, series, metric) for metric in there]
    return Figure(panels, note, series, columns=len(panels))


def _panel(sizes: Sizes, series: Sequence[Series], metric: str) -> Panel:
    numbers = {entry.label: number for number, entry in enumerate(series)}
    is_loss = metric.endswith("loss")
    rows = []
    for setting in sizes.settings:
        values = setting.values(metric)
        spread = Spread.of(value if is_loss else 1 - value for value in values)
        if spread is not None:
            own = {"series": numbers[setting.label], "weights": parameters(setting)}
            rows.append({**own, **vars(spread)})
    frame = pandas.DataFrame(rows)
    form = ".3~r" if is_loss else ".2%"
    tooltip = [alt.Tooltip("weights:Q", format=",")]
    tooltip += [alt.Tooltip(f"{name}:Q", format=form) for name in ("mean", "low", "high")]
    tooltip += [alt.Tooltip("n:Q", title="seeds")]
    ends = [*frame["low"], *frame["high"]]
    axis = logarithmic(ends) if is_loss else fractions(frame["high"].max())
    x = alt.X("weights:Q", title="weights", **logarithmic(frame["weights"]))
    lines = curves(frame, x, alt.Y("mean:Q", title=None, **axis), series, tooltip=tooltip)
    inside = frame["weights"].min() <= sizes.threshold <= frame["weights"].max()
    drawn = layered(level([sizes.threshold], "x"), lines) if inside else lines
    return Panel(_TITLES[metric], drawn)


def errors_by_size_and_epoch(sizes: Sizes, measured: Sequence[Curves], note: str) -> Figure | None:
    """A map for each kind of data: test error by size and epoch; None where no run has curves."""
    found = {id(curve.setting): curve for curve in measured}
    labels = list(dict.fromkeys(setting.label for setting in sizes.settings))[-_MOST_MAPS:]
    frames = {
        label: _errors(
            [found[id(s)] for s in sizes.settings if s.label == label and id(s) in found]
        )
        for label in labels
    }
    there = {label: frame for label, frame in frames.items() if len(frame)}
    if not there:
        return None
    errors = [error for frame in there.values() for error in frame["error"]]
    panels = [
        Panel(f"test error, {label}", _map(frame, min(errors), max(errors)), lines=_EPOCHS * _CELL)
        for label, frame in there.items()
    ]
    return Figure(panels, note, columns=len(panels))


def _errors(measured: Sequence[Curves]) -> pandas.DataFrame:
    """The mean test error of each size at epochs evenly spaced by their logarithm."""
    measured_at = [c.bands["test/accuracy"].epochs for c in measured]
    first = max((int(epochs[0]) for epochs in measured_at), default=1)
    last = max((int(epochs[-1]) for epochs in measured_at), default=1)
    epochs = sorted({round(epoch) for epoch in np.geomspace(first, last, _EPOCHS)})
    rows = []
    for curve in measured:
        band = curve.bands["test/accuracy"]
        for epoch in epochs:
            until = int(np.searchsorted(band.epochs, epoch, side="right"))
            rows.append(
                {
                    "size": f"{parameters(curve.setting):,}",
                    "weights": parameters(curve.setting),
                    "epoch": epoch,
                    "error": float(1 - band.mean[until - 1]),
                }
            )
    return pandas.DataFrame(rows)


def _map(frame: pandas.DataFrame, low: float, high: float) -> alt.LayerChart:
    order = [f"{weights:,}" for weights in sorted(set(frame["weights"]))]
    epochs = sorted(set(frame["epoch"]))
    x = alt.X("size:N", sort=order, title="weights", axis=alt.Axis(labelAngle=-60))
    told = [str(epoch) for epoch in epochs[:: max(1, len(epochs) // 6)]]
    y = alt.Y(
        "epoch:O", sort=epochs[::-1], title="epoch", axis=alt.Axis(values=[int(t) for t in told])
    )
    low = max(low, _LEAST)
    scale = alt.Scale(
        type="log", domain=[low, max(high, 2 * low)], range=_SHADES, interpolate="rgb", clamp=True
    )
    legend = alt.Legend(values=[low, (low * high) ** 0.5, high], format=".0%")
    cells = alt.Chart(frame).mark_rect()
    cells = cells.encode(
        x=x,
        y=y,
        color=alt.Color("error:Q", title="error", scale=scale, legend=legend),
        tooltip=["size:N", "epoch:O", alt.Tooltip("error:Q", format=".2%")],
    )
    return layered(cells)
