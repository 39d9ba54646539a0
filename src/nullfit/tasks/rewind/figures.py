"""Accuracy with each layer put back to each epoch, as a map for each kind of samples."""

import altair as alt
import numpy as np
import pandas

from nullfit.charts.appearance import INK
from nullfit.charts.figure import Figure, Panel
from nullfit.charts.marks import layered
from nullfit.results.formats import percent
from nullfit.tasks.rewind.rewound_runs import RewoundRuns

_TITLES = {
    "corrupted": "corrupted training samples: accuracy %",
    "untouched": "untouched training samples: accuracy %",
}
_NUMBERED = 7  # columns of a map that have room for numbers
_LINES = 1.6  # of text that a row is high
_DARK = 0.5  # accuracy from which on text is white
_SHADES = ["#FFFFFF", "#08306B"]


def heat_maps(runs: RewoundRuns, note: str) -> Figure:
    """A map for corrupted and one for untouched samples: layers from the input on, and all."""
    found = {part: runs.mean(part) for part in _TITLES}
    shown = [part for part, values in found.items() if not np.isnan(values).all()]
    panels = [
        Panel(
            _TITLES[part],
            _map(runs, found[part], last=part == shown[-1]),
            lines=_LINES * len(runs.rows),
        )
        for part in shown
    ]
    explained = "Accuracy, by the labels trained on, with one layer put back to an epoch"
    return Figure(panels, f"{explained} (0: before training), all others as they ended. {note}")


def _map(runs: RewoundRuns, values: np.ndarray, *, last: bool) -> alt.LayerChart:
    epochs = [str(epoch) for epoch in runs.epochs]
    frame = pandas.DataFrame(
        {"layer": layer, "epoch": epoch, "accuracy": value, "percent": percent(value),
         "dark": bool(value > _DARK)}
        for layer, row in zip(runs.rows, values, strict=True)
        for epoch, value in zip(epochs, row.tolist(), strict=True)
    )  # fmt: skip
    x = alt.X("epoch:N", sort=epochs, title="epoch", axis=alt.Axis(labelAngle=0))
    y = alt.Y("layer:N", sort=runs.rows, title=None, axis=alt.Axis(labelLimit=160))
    shade = alt.Color(
        "accuracy:Q",
        scale=alt.Scale(domain=[0, 1], range=_SHADES, interpolate="lab"),
        legend=alt.Legend(title="accuracy", format="%", values=[0, 0.5, 1]) if last else None,
    )
    tooltip = ["layer:N", "epoch:N", alt.Tooltip("percent:N", title="accuracy %")]
    cells = alt.Chart(frame).mark_rect().encode(x=x, y=y, color=shade, tooltip=tooltip)
    if len(epochs) > _NUMBERED:
        return layered(cells)
    color = alt.condition("datum.dark", alt.value("white"), alt.value(INK))
    numbers = alt.Chart(frame).mark_text(fontSize=10)
    numbers = numbers.encode(x=x, y=y, text=alt.Text("percent:N"), color=color)
    return layered(cells, numbers)
