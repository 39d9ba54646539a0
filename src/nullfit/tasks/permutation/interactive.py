"""The maps of a permutation test, and its null distributions, to point at."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts import style
from nullfit.charts.interactive import finish, plain
from nullfit.tasks.permutation.figure_null_distributions import NULL_COLOR, OBSERVED_COLOR, bins
from nullfit.tasks.permutation.figure_permutation_maps import (
    P_COLORS,
    P_TITLES,
    STATISTIC_COLORS,
    mapped,
    pixel_map,
)
from nullfit.tasks.permutation.findings import Findings

_HEIGHT, _NULLS_HEIGHT = 300, 300  # pixels


def permutation_maps(found: Findings) -> go.Figure:
    """The twin of `nullfit.tasks.permutation.figure_permutation_maps.draw_permutation_maps`."""
    shown = mapped(found)
    titles = ["statistic", *(P_TITLES[name] for name in shown)]
    figure = make_subplots(1, len(titles), subplot_titles=titles, horizontal_spacing=0.03)
    smallest = np.log10(1 / (len(found.null_statistic) + 1))
    figure.add_trace(_heatmap(pixel_map(found.arrays["statistic"]), STATISTIC_COLORS, None), 1, 1)
    for column, name in enumerate(shown, start=2):
        p = pixel_map(found.arrays[name])
        trace = _heatmap(np.log10(p), P_COLORS.capitalize(), (smallest, 0.0), shown=p)
        figure.add_trace(trace, 1, column)
    finish(figure, _HEIGHT).update_layout(showlegend=False)
    figure.update_xaxes(visible=False, constrain="domain")
    for column in range(1, len(titles) + 1):
        figure.update_yaxes(
            visible=False, autorange="reversed", constrain="domain",
            scaleanchor=f"x{column if column > 1 else ''}", col=column,
        )  # fmt: skip
    return figure


def null_distributions(found: Findings, features: Sequence[int]) -> go.Figure:
    """The twin of `nullfit.tasks.permutation.figure_null_distributions.draw_null_distributions`."""
    titles = [plain(f"{found.names[n]}: p = {found.p['p_value'][n]:.2g}") for n in features]
    figure = make_subplots(1, len(titles), subplot_titles=titles, horizontal_spacing=0.04)
    for column, number in enumerate(features, start=1):
        null, observed = found.null_statistic[:, number], float(found.statistic[number])
        edges = bins(null, observed)
        counts, _ = np.histogram(null, edges)
        bars = go.Bar(
            x=((edges[:-1] + edges[1:]) / 2).astype(np.float32), y=counts, name="null",
            width=float(edges[1] - edges[0]), marker={"color": NULL_COLOR, "line": {"width": 0}},
            hovertemplate="about %{x:.3~g}: %{y} replicates<extra></extra>",
            showlegend=column == 1,
        )  # fmt: skip
        line = go.Scatter(
            x=[observed, observed], y=[0, int(counts.max())], mode="lines", name="observed",
            line={"color": OBSERVED_COLOR, "width": 2}, showlegend=column == 1,
            hovertemplate="observed: %{x:.3~g}<extra></extra>",
        )  # fmt: skip
        figure.add_traces([bars, line], rows=1, cols=column)
    finish(figure, _NULLS_HEIGHT).update_layout(bargap=0)
    figure.update_annotations(font={"size": 11, "color": style.INK})
    figure.update_xaxes(nticks=3)
    figure.update_yaxes(title_text="replicates", col=1)
    return figure


def _heatmap(
    values: np.ndarray,
    colors: str,
    limits: tuple[float, float] | None,
    shown: np.ndarray | None = None,
) -> go.Heatmap:
    told = values if shown is None else shown
    low, high = limits or (None, None)
    return go.Heatmap(
        z=values.astype(np.float32), customdata=told.astype(np.float32), zmin=low, zmax=high,
        colorscale=colors, showscale=False,
        hovertemplate="row %{y}, column %{x}: %{customdata:.3~g}<extra></extra>",
    )  # fmt: skip
