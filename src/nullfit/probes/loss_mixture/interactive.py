"""The losses of corrupted and of untouched samples with the mixture fitted to them."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts.interactive import dash, finish, symbol
from nullfit.probes.loss_mixture.figure import AXIS, COMPONENTS, CURVES, KINDS, bins
from nullfit.probes.loss_mixture.separation import Separation

_HEIGHT = 420  # pixels


def loss_mixture(shown: Separation, losses: str) -> go.Figure:
    """The twin of `nullfit.probes.loss_mixture.figure.draw_loss_mixture`."""
    ranked = not np.isnan(shown.areas).any()
    figure = make_subplots(1, 2, column_widths=[0.63, 0.37]) if ranked else make_subplots(1, 1)
    _add_histogram(figure, shown)
    if ranked:
        _add_areas(figure, shown)
    figure.update_xaxes(title_text=AXIS[losses], col=1)
    figure.update_yaxes(title_text="samples", col=1)
    return finish(figure, _HEIGHT).update_layout(barmode="overlay", bargap=0)


def _add_histogram(figure: go.Figure, shown: Separation) -> None:
    edges = bins(shown)
    middles, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    highest = 0
    for name, color, changed in KINDS:
        counts, _ = np.histogram(shown.scores[shown.label_changed == changed], edges)
        highest = max(highest, int(counts.max()))
        bars = go.Bar(
            x=middles.astype(np.float32), y=counts, width=float(width), name=name, opacity=0.45,
            marker={"color": color, "line": {"width": 0}},
            hovertemplate="about %{x:.3~g}: %{y} samples<extra>%{fullData.name}</extra>",
        )  # fmt: skip
        if counts.any():
            figure.add_trace(bars, 1, 1)
    for (name, color, line), density in zip(COMPONENTS, shown.densities.T, strict=True):
        curve = go.Scatter(
            x=shown.places.astype(np.float32),
            y=(len(shown.scores) * width * density).astype(np.float32),
            name=name, mode="lines", hoverinfo="skip",
            line={"color": color, "width": 2, "dash": dash(line)},
        )  # fmt: skip
        figure.add_trace(curve, 1, 1)
    figure.update_yaxes(range=[0, 1.08 * highest], col=1)


def _add_areas(figure: go.Figure, shown: Separation) -> None:
    for (name, color, marker), areas in zip(CURVES, shown.areas.T, strict=True):
        curve = go.Scatter(
            x=shown.epochs, y=areas, name=name, mode="lines+markers",
            line={"color": color, "width": 2}, marker={"size": 6, "symbol": symbol(marker)},
            hovertemplate="epoch %{x}: %{y:.4f}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
        figure.add_trace(curve, 1, 2)
    figure.update_xaxes(title_text="epoch", col=2)
    figure.update_yaxes(title_text="area under the ROC curve", col=2)
