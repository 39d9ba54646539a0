"""The twin of `nullfit.tasks.rademacher.figure`."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from nullfit.charts.interactive import finish, plain
from nullfit.tasks.rademacher.figure import COLORS, Curves

_HEIGHT = 380  # pixels


def rademacher(curves: Mapping[str, Curves]) -> go.Figure:
    """Mean correlation by epoch with the band from the lowest draw to the highest."""
    figure = go.Figure()
    for number, (name, draws) in enumerate(curves.items()):
        epochs = list(range(1, draws.shape[1] + 1))
        mean, low, high = (np.round(f(draws, axis=0), 4) for f in (np.mean, np.min, np.max))
        figure.add_trace(
            go.Scatter(
                x=epochs,
                y=mean.tolist(),
                mode="lines",
                name=plain(name),
                line={"color": COLORS[number % len(COLORS)], "width": 2},
                customdata=np.stack([low, high], axis=1).tolist(),
                hovertemplate="epoch %{x}: %{y:.3f} (%{customdata[0]:.3f} – %{customdata[1]:.3f})",
            )
        )
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title="correlation with random signs")
    return finish(figure, _HEIGHT)
