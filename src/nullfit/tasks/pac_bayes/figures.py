"""What is minimized, by epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas
from jaxtyping import Float

from nullfit.charts.axes import logarithmic
from nullfit.charts.figure import Figure, Panel, corruption_series
from nullfit.charts.marks import curves
from nullfit.results.curves import kept

_X = alt.X("epoch:Q", title="epoch", scale=alt.Scale(nice=False, padding=5))


@dataclass(frozen=True)
class Fitted:
    """A run: its name, its corruption, and the two parts of the objective by epoch."""

    name: str
    corruption: str
    surrogate: Float[np.ndarray, " epochs"]
    penalty: Float[np.ndarray, " epochs"]


def by_epoch(of: Sequence[Fitted], note: str) -> Figure:
    """A panel for the surrogate of the training error, and one for √(B/2)."""
    series = corruption_series((fitted.corruption, fitted.name) for fitted in of)
    parts = {
        "cross-entropy / ln 2": [fitted.surrogate for fitted in of],
        "√(B/2)": [fitted.penalty for fitted in of],
    }
    panels = []
    for title, values in parts.items():
        frame = pandas.concat(
            [_frame(number, own) for number, own in enumerate(values)], ignore_index=True
        )
        y = alt.Y("mean:Q", title=None, **logarithmic(frame["mean"]))
        tooltip = [alt.Tooltip("epoch:Q", format="d"), alt.Tooltip("mean:Q", format=".3f")]
        panels.append(Panel(title, curves(frame, _X, y, series, tooltip=tooltip)))
    return Figure(panels, note, series)


def _frame(number: int, values: Float[np.ndarray, " epochs"]) -> pandas.DataFrame:
    shown = kept(len(values))
    return pandas.DataFrame({"series": number, "epoch": shown + 1, "mean": values[shown]})
