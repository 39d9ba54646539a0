"""Errors beside their bounds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import pandas

from nullfit.charts.appearance import Look
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import dots, layered, level

_KINDS = {
    "training error": Look("training error", "#000000", (), "circle"),
    "test error": Look("test error", "#0072B2", (), "square"),
    "PAC-Bayes bound": Look("PAC-Bayes bound", "#D55E00", (), "diamond"),
    "Rademacher bound": Look("Rademacher bound", "#009E73", (), "triangle_up"),
}


@dataclass(frozen=True)
class Error:
    """An error or a bound of one, from 0 on, with where its bar begins and ends."""

    kind: str
    value: float
    low: float
    high: float


def errors_and_bounds(
    of: Mapping[str, Sequence[Error]], chances: Iterable[float], note: str
) -> Figure:
    """A group of rows for each run: its errors, and what bounds them."""
    kinds = [kind for kind in _KINDS if any(one.kind == kind for own in of.values() for one in own)]
    frame = pandas.DataFrame(
        {"group": name, "series": kinds.index(one.kind), "mean": one.value, "low": one.low,
         "high": one.high}
        for name, errors in of.items()
        for one in errors
    )  # fmt: skip
    series = [Series(kind, _KINDS[kind]) for kind in kinds]
    top = 1.03 * max(1.0, float(frame["high"].max()))
    x = alt.X(
        "mean:Q",
        title="share of wrong answers",
        scale=alt.Scale(domain=[-0.02 * top, top], nice=False),
        axis=alt.Axis(format=".12~%", grid=True),
    )
    told = [alt.Tooltip(f"{name}:Q", format=".2%") for name in ("mean", "low", "high")]
    rows, lines = dots(frame, x, series, tooltip=told)
    panel = Panel(
        "errors and what bounds them", layered(level([*chances, 1.0], "x"), rows), lines=lines
    )
    return Figure([panel], note, series, columns=1)
