"""Loss and accuracy of one network against epoch or step, by corruption."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts import style
from nullfit.charts.interactive import finish, line, plain, translucent
from nullfit.results.curves import METRICS, Curves
from nullfit.results.formats import percent
from nullfit.results.task_run import chance_of

_HEIGHT = 620  # pixels
_TITLES = {
    "train/running_loss": "training loss",
    "train/accuracy": "training accuracy",
    "test/loss": "test loss",
    "test/accuracy": "test accuracy",
}


def learning_curves(curves: Sequence[Curves]) -> go.Figure:
    """Four panels; all curves belong to one network.

    Each trace carries its steps per epoch in ``meta``: the page's buttons change the axis with it.
    """
    figure = make_subplots(
        rows=2,
        cols=2,
        shared_xaxes=True,
        subplot_titles=[_TITLES[metric] for metric in METRICS],
        horizontal_spacing=0.09,
        vertical_spacing=0.1,
    )
    longest = max(int(band.epochs[-1]) for curve in curves for band in curve.bands.values())
    for number, metric in enumerate(METRICS):
        place = {"row": number // 2 + 1, "col": number % 2 + 1}
        for curve in curves:
            if metric in curve.bands:
                figure.add_traces(
                    _traces(curve, metric, longest, named=number == 0),
                    rows=place["row"],
                    cols=place["col"],
                )
        if metric.endswith("accuracy"):
            figure.update_yaxes(tickformat=".0%", range=[-0.03, 1.03], **place)
        else:
            figure.update_yaxes(rangemode="tozero", **place)
    chance = chance_of(run for curve in curves for run in curve.setting.runs)
    if chance is not None:
        figure.add_hline(chance, line={"color": style.FAINT, "width": 1}, row=2, col=2)
    figure.update_xaxes(title_text="epoch", row=2)
    return finish(figure, _HEIGHT)


def _traces(curve: Curves, metric: str, longest: int, *, named: bool) -> list[go.Scatter]:
    setting, band = curve.setting, curve.bands[metric]
    shared: dict[str, Any] = {
        "mode": "lines",
        "legendgroup": setting.label,
        "meta": {"stepsPerEpoch": curve.steps_per_epoch},
    }
    look, traces = line(setting.corruption), []
    silent = {**shared, "showlegend": False, "hoverinfo": "skip"}
    epochs = band.epochs.tolist()
    if len(setting.runs) > 1:
        filled = {"fill": "tonexty", "fillcolor": translucent(look["color"], 0.15)}
        for limit, more in ((band.low, {}), (band.high, filled)):
            traces.append(go.Scatter(x=epochs, y=_short(limit), line_width=0, **silent, **more))
    accuracy = metric.endswith("accuracy")
    told = "%{text} %" if accuracy else "%{y:.4g}"
    traces.append(
        go.Scatter(
            x=epochs,
            y=_short(band.mean),
            name=plain(legend_name(curve)),
            showlegend=named,
            line=look,
            opacity=style.opacity(setting.shade),
            text=[percent(value, 2) for value in band.mean.tolist()] if accuracy else None,
            hovertemplate=f"%{{x}}: {told}<extra>%{{fullData.name}}</extra>",
            **shared,
        )
    )
    if epochs[-1] < longest:  # stopped once it had fitted: the rest is known, and drawn thin
        ends, level = [epochs[-1], longest], float(band.mean[-1])
        thin = {"color": look["color"], "width": 0.7}
        traces.append(go.Scatter(x=ends, y=[level, level], line=thin, **silent))
    return traces


def legend_name(curve: Curves) -> str:
    """The corruption, and how many runs of it diverged."""
    setting = curve.setting
    lost = len(setting.diverged)
    return setting.label + (f" ({lost} of {len(setting.runs)} diverged)" if lost else "")


def _short(values: np.ndarray) -> np.ndarray:
    """Single precision: half the size, and more than a screen shows."""
    return values.astype(np.float32)
