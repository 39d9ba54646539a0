"""Theorem 1, constructed: accuracies and residuals against n, and the function itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas
from jaxtyping import Float64

from nullfit.charts.appearance import INK
from nullfit.charts.axes import fractions, logarithmic, whole_numbers
from nullfit.charts.figure import Figure, Panel, Series, corruption_series
from nullfit.charts.marks import curves, layered, level
from nullfit.results.grouping import Group
from nullfit.results.task_run import TaskRun, chance_of

RESIDUAL = "train/largest_residual"
HALF_A_LABEL = 0.5  # a residual from which on another class is the nearest

_TITLES = {
    "train/accuracy": "training accuracy",
    "test/accuracy": "test accuracy",
    RESIDUAL: "largest |c(x) − label|",
}
_MOST_POINTS = 60  # of a function that can be looked at
_FUNCTION = "#0072B2"


def samples_of(group: Group[TaskRun]) -> int:
    """The number of training samples of its runs."""
    return int(group.runs[0].result["data"]["train_samples"])


def data_of(group: Group[TaskRun]) -> str:
    """The name of the data set of its runs."""
    return str(group.runs[0].result["data"]["name"])


def accuracies_and_residuals(groups: Sequence[Group[TaskRun]], note: str) -> Figure:
    """A row of panels against n for each data set; bands reach from the lowest to the highest."""
    series = corruption_series((group.corruption, group.label) for group in groups)
    by_data: dict[str, list[Group[TaskRun]]] = {}
    for group in groups:
        by_data.setdefault(data_of(group), []).append(group)
    panels = [
        _panel(members, series, metric, f"{data}: " if len(by_data) > 1 else "")
        for data, members in sorted(by_data.items())
        for metric in _TITLES
    ]
    return Figure(panels, note, series, columns=len(_TITLES))


def _panel(
    groups: Sequence[Group[TaskRun]], series: Sequence[Series], metric: str, data: str
) -> Panel:
    numbers = {entry.label: number for number, entry in enumerate(series)}
    frame = pandas.DataFrame(
        {
            "series": numbers[group.label],
            "samples": samples_of(group),
            **vars(group.measured(metric)),
        }
        for group in sorted(groups, key=samples_of)
    )
    residual = metric == RESIDUAL
    if residual:
        levels: list[float] = [HALF_A_LABEL]
        axis = logarithmic([*frame["low"], *frame["high"], *levels])
    else:
        chance = chance_of(run for group in groups for run in group.runs)
        levels = [chance] if metric == "test/accuracy" and chance is not None else []
        axis = fractions()
    form = ".2~e" if residual else ".2%"
    tooltip = [alt.Tooltip("samples:Q", format=",")]
    tooltip += [alt.Tooltip(f"{name}:Q", format=form) for name in ("mean", "low", "high")]
    tooltip += [alt.Tooltip("n:Q", title="seeds")]
    x = alt.X("samples:Q", title="training samples n", **logarithmic(frame["samples"]))
    y = alt.Y("mean:Q", title=None, **axis)
    lines = curves(frame, x, y, series, tooltip=tooltip)
    return Panel(data + _TITLES[metric], layered(level(levels), lines) if levels else lines)


@dataclass(frozen=True)
class Along:
    """The function along its direction: its knots, and the points that it goes through."""

    places: Float64[np.ndarray, " knots"]
    values: Float64[np.ndarray, " knots"]
    projections: Float64[np.ndarray, " n"]
    targets: Float64[np.ndarray, " n"]

    @classmethod
    def of(cls, run: TaskRun) -> "Along":
        """The first points of a run by projection, as many as can be looked at."""
        arrays = run.arrays()
        shown = slice(_MOST_POINTS)
        z, y = arrays["projections"][shown], arrays["targets"][shown]
        b, w = arrays["biases"][shown], arrays["weights"][shown]
        places = np.sort(np.concatenate([b, z]))
        values = np.maximum(places[:, None] - b, 0) @ w
        return cls(places, values, z, y)


def smallest(groups: Sequence[Group[TaskRun]]) -> Group[TaskRun]:
    """The group with the fewest samples, on destroyed labels rather than on true ones."""
    return min(groups, key=lambda group: (samples_of(group), group.corruption == "none"))


def function(along: Along, note: str) -> Figure:
    """The function along its direction, through the first points."""
    x = alt.X("place:Q", title="projection a·x", scale=alt.Scale(nice=False, padding=8))
    y = alt.Y("value:Q", title=None, axis=whole_numbers(grid=True))
    knots = pandas.DataFrame({"place": along.places, "value": along.values})
    points = pandas.DataFrame({"place": along.projections, "value": along.targets})
    tooltip = [
        alt.Tooltip("place:Q", title="a·x", format=".4~r"),
        alt.Tooltip("value:Q", title="label"),
    ]
    line = alt.Chart(knots).mark_line(color=_FUNCTION, strokeWidth=1.2).encode(x=x, y=y)
    dots = alt.Chart(points).mark_point(color=INK).encode(x=x, y=y, tooltip=tooltip)
    return Figure([Panel("c(x), and the labels", layered(line, dots), aspect=2.6)], note, columns=1)
