"""The twins of `nullfit.tasks.expressivity.figure`."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nullfit.charts import style
from nullfit.charts.interactive import finish, plain, symbol
from nullfit.results.formats import short
from nullfit.tasks.expressivity.expressivity_settings import samples_of
from nullfit.tasks.expressivity.figure import RESIDUAL, Along, Settings

_HEIGHT = 420  # pixels
_PANELS = (("test/accuracy", 1), ("train/accuracy", 1), (RESIDUAL, 2))


def expressivity(settings: Settings) -> go.Figure:
    """Accuracies and the largest residual against n."""
    figure = make_subplots(
        rows=1,
        cols=2,
        subplot_titles=("accuracy (thin: training)", "largest |c(x) − label|"),
        horizontal_spacing=0.1,
    )
    for (data, label), members in settings.items():
        look = style.look(members[0].corruption)
        for metric, column in _PANELS:
            spreads = [s.measured(metric) for s in members]
            named = metric == "test/accuracy"
            trace = go.Scatter(
                x=[samples_of(s) for s in members],
                y=[s.mean for s in spreads],
                error_y={
                    "type": "data",
                    "array": [s.high - s.mean for s in spreads],
                    "arrayminus": [s.mean - s.low for s in spreads],
                    "thickness": 1,
                    "width": 0,
                    "visible": any(s.n > 1 for s in spreads),
                },
                mode="lines" if metric == "train/accuracy" else "lines+markers",
                name=plain(f"{data}, {label}"),
                legendgroup=f"{data}, {label}",
                showlegend=named,
                line={"color": look.color, "width": 1 if metric == "train/accuracy" else 2},
                marker={"size": 8, "symbol": symbol(look.marker)},
                text=[short(s.mean) for s in spreads],
                hovertemplate=f"n %{{x}}: %{{text}} {metric}<extra>%{{fullData.name}}</extra>",
            )
            figure.add_trace(trace, 1, column)
    figure.update_xaxes(type="log", title_text="training samples n")
    figure.update_yaxes(tickformat=".0%", range=[0, 1.05], col=1)
    figure.update_yaxes(type="log", exponentformat="power", dtick=1, col=2)
    return finish(figure, _HEIGHT)


def function(along: Along) -> go.Figure:
    """The function along its direction."""
    figure = go.Figure(
        [
            go.Scatter(
                x=along.places, y=along.values, mode="lines", name="c(x)",
                line={"color": "#0072B2", "width": 1.5},
            ),
            go.Scatter(
                x=along.projections, y=along.targets, mode="markers", name="labels",
                marker={"color": style.INK, "size": 7},
            ),
        ]
    )  # fmt: skip
    figure.update_xaxes(title_text="projection ⟨a, x⟩")
    return finish(figure, _HEIGHT)
