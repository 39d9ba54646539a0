"""How deep samples are, and what neighbours know after each layer."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas

from nullfit.charts.appearance import LABEL_KINDS, Look
from nullfit.charts.axes import fractions
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import by_series, curves

_TEST = Look("test set", "#0072B2", (4.0, 2.0), "circle")
_WIDTH = 0.8  # of the bars at a depth, together
_MOST_NAMES = 12  # of layers in a note


def by_layer(section: Mapping[str, Any], arrays: Mapping[str, np.ndarray], note: str) -> Figure:
    """Shares of samples by depth, and the accuracy of neighbours after each layer.

    Corrupted, untouched and test samples stand apart; ``section`` is that of result.json.
    """
    changed = arrays["prediction_depth_label_changed"]
    kinds = {
        "untouched": (LABEL_KINDS[False], arrays["depth"][~changed]),
        "corrupted": (LABEL_KINDS[True], arrays["depth"][changed]),
        "test": (_TEST, arrays["depth_test"]),
    }
    present = {kind: found for kind, found in kinds.items() if len(found[1])}
    series = [Series(look.label, look) for look, _ in present.values()]
    layers = section["layers"]
    panels = [
        _depths([depth for _, depth in present.values()], layers, series),
        _accuracies([section["neighbour_accuracy"][kind] for kind in present], layers, series),
    ]
    names = ", ".join(f"{number} {name}" for number, name in enumerate(layers[:_MOST_NAMES]))
    more = f" … {len(layers) - 1} {layers[-1]}" if len(layers) > _MOST_NAMES else ""
    told = f"Layers: {names}{more}; {len(layers)}: not even the last."
    return Figure(panels, f"{note} {section['neighbours']} neighbours. {told}", series)


def _depths(found: Sequence[np.ndarray], layers: Sequence[str], series: Sequence[Series]) -> Panel:
    names = [*layers, "not even the last"]
    width = _WIDTH / len(series)
    rows = [
        {
            "series": number,
            "low": depth - _WIDTH / 2 + number * width,
            "high": depth - _WIDTH / 2 + (number + 1) * width,
            "layer_number": depth,
            "layer": name,
            "samples": int((depths == depth).sum()),
            "share": float((depths == depth).mean()),
            "none": 0,
        }
        for number, depths in enumerate(found)
        for depth, name in enumerate(names)
    ]
    frame = pandas.DataFrame([row for row in rows if row["samples"]])
    x = alt.X("low:Q", title="depth", axis=_ticks(len(layers)), scale=_scale(len(layers)))
    told = [alt.Tooltip("layer:N"), alt.Tooltip("samples:Q"), alt.Tooltip("share:Q", format=".1%")]
    axis = fractions(float(frame["share"].max()))
    y = alt.Y(
        "share:Q", title=None, scale=alt.Scale(**axis["scale"]), axis=alt.Axis(**axis["axis"])
    )
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_rect()
        .encode(x=x, x2="high", y=y, y2="none", tooltip=told, **by_series(series, "color"))
    )
    return Panel("samples by depth", chart)


def _accuracies(
    found: Sequence[Sequence[float]], layers: Sequence[str], series: Sequence[Series]
) -> Panel:
    frame = pandas.DataFrame(
        {"series": number, "depth": depth, "layer": layers[depth], "mean": value}
        for number, values in enumerate(found)
        for depth, value in enumerate(values)
    )
    axis = fractions()
    y = alt.Y("mean:Q", title=None, scale=alt.Scale(**axis["scale"]), axis=alt.Axis(**axis["axis"]))
    x = alt.X("depth:Q", title="layer", axis=_ticks(len(layers) - 1), scale=_scale(len(layers) - 1))
    told = [alt.Tooltip("layer:N"), alt.Tooltip("mean:Q", format=".1%", title="accuracy")]
    return Panel("labels that neighbours name", curves(frame, x, y, series, tooltip=told))


def _ticks(last: int) -> alt.Axis:
    every = max(1, round(last / 8))
    values = list(range(0, last + 1, every))
    return alt.Axis(values=values, tickCount=len(values), format="d", grid=False)


def _scale(last: int) -> alt.Scale:
    return alt.Scale(domain=[-0.5, last + 0.5], nice=False)
