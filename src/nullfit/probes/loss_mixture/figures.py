"""Losses of corrupted and of untouched samples, and the mixture fitted to them."""

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas

from nullfit.charts.appearance import DASHES, INK, LABEL_KINDS, Look
from nullfit.charts.axes import whole_numbers
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import counted, curves, histogram, layered
from nullfit.probes.loss_mixture.separation import Separation

_MOST_BINS = 60  # as many as the root of the number of samples, so that they are even
_ROOM = 1.08  # above the highest count, of its height
_SOLID, _DASHED, _DOTTED, _DASH_DOT = DASHES[:4]
_COMPONENTS = (
    Look("component of small losses", "#00553D", _DOTTED, "triangle_up"),
    Look("component of large losses", "#8A3B00", _DASH_DOT, "triangle_down"),
)
_AREAS = (
    Look("loss of the epoch", "#56B4E9", _DASHED, "plus"),
    Look("mean loss up to it", INK, _SOLID, "circle"),
)
_AXIS = {"mean": "loss of a sample, mean over epochs (nats)", "last": "loss of a sample (nats)"}

Curves = Mapping[Look, pandas.DataFrame]


def loss_mixture(shown: Separation, losses: str, note: str) -> Figure:
    """How many samples have which loss, with the components' curves; how losses rank by epoch.

    ``losses`` is "mean" or "last". The second panel, the area under the ROC curve against the
    epoch, is left out where no label, or every one, was corrupted.
    """
    bins = min(math.isqrt(len(shown.scores)), _MOST_BINS)
    edges = np.histogram_bin_edges(shown.scores, bins)
    counts, components = _counts(shown, edges), _components(shown, edges)
    areas = _areas(shown)
    drawn = [*counts, *components, *areas]
    series = [Series(of.label, of) for of in drawn]

    def numbered(of: Curves) -> pandas.DataFrame:
        frames = [frame.assign(series=drawn.index(look)) for look, frame in of.items()]
        return pandas.concat(frames, ignore_index=True)

    bars = numbered(counts)
    top = _ROOM * int(bars["samples"].max())
    ends = [float(edges[0]), float(edges[-1])]
    on_x: dict[str, Any] = {"title": _AXIS[losses], "scale": alt.Scale(domain=ends, nice=False)}
    on_y: dict[str, Any] = {"title": None, "scale": alt.Scale(domain=[0, top], nice=False)}
    layers: list[alt.Chart | alt.LayerChart] = [
        histogram(bars, alt.X("low:Q", **on_x), alt.Y("samples:Q", **on_y), series)
    ]
    if components:
        x, y = alt.X("at:Q", **on_x), alt.Y("mean:Q", **on_y)
        told = [alt.Tooltip("at:Q", title="loss", format=".3~r"),
                alt.Tooltip("mean:Q", title="samples", format=",.0f")]  # fmt: skip
        layers.append(curves(numbered(components), x, y, series, tooltip=told, top=top))
    panels = [Panel("samples", layered(*layers))]
    if areas:
        panels.append(_ranking(numbered(areas), series))
    about = f"{len(shown.scores):,} samples, counted in {bins} bins."
    return Figure(panels, f"{note} {about}", series)


def _counts(shown: Separation, edges: np.ndarray) -> Curves:
    """The samples in each bin, of the kinds that there are."""
    found = {}
    for changed, kind in LABEL_KINDS.items():
        counts = counted(shown.scores[shown.label_changed == changed], edges)
        if counts["samples"].any():
            found[kind] = counts
    return found


def _components(shown: Separation, edges: np.ndarray) -> Curves:
    """How many samples the mixture expects in a bin."""
    in_a_bin = len(shown.scores) * (edges[1] - edges[0])
    return {
        look: pandas.DataFrame({"at": shown.places, "mean": in_a_bin * density})
        for look, density in zip(_COMPONENTS, shown.densities.T, strict=False)
        if len(density)
    }


def _areas(shown: Separation) -> Curves:
    if np.isnan(shown.areas).any():
        return {}
    return {
        look: pandas.DataFrame({"at": shown.epochs, "mean": area})
        for look, area in zip(_AREAS, shown.areas.T, strict=True)
    }


def _ranking(frame: pandas.DataFrame, series: list[Series]) -> Panel:
    x = alt.X(
        "at:Q", title="epoch",
        scale=alt.Scale(nice=False, zero=False, padding=5), axis=whole_numbers(),
    )  # fmt: skip
    y = alt.Y("mean:Q", title=None, scale=alt.Scale(domainMax=1, zero=False, padding=6))
    told = [alt.Tooltip("at:Q", title="epoch"), alt.Tooltip("mean:Q", title="area", format=".4f")]
    return Panel("area under the ROC curve", curves(frame, x, y, series, tooltip=told))
