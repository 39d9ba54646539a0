"""SGD on its way to the solution of least norm: distance, norm and test error against the step."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas

from nullfit.charts.appearance import DASHES, Look
from nullfit.charts.axes import fractions, logarithmic
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import curves, layered, level
from nullfit.results.task_run import TaskRun

_TITLES = {
    "distance": "distance / least norm",
    "norm": "norm / least norm",
    "test_error": "test error",
}
_CLOSED_FORM = Look("closed form", "#0072B2", DASHES[2], "diamond")
# By what the arrays of a start begin with.
_STARTS = {
    "": Look("SGD from zero", "#000000", DASHES[0], "circle"),
    "start_": Look("SGD from a random start", "#D55E00", DASHES[1], "square"),
}


def descents(runs: Sequence[TaskRun], note: str) -> Figure:
    """Three panels; each start of each run is a line, and each closed form is a level."""
    starts = [start for start in _STARTS if any(f"{start}norm" in run.arrays() for run in runs)]
    drawn = [*(_STARTS[start] for start in starts), _CLOSED_FORM]
    series = [Series(look.label, look) for look in drawn]
    panels = [_panel(runs, starts, series, quantity) for quantity in _TITLES]
    return Figure(panels, note, series, columns=3)


def _panel(
    runs: Sequence[TaskRun], starts: Sequence[str], series: Sequence[Series], quantity: str
) -> Panel:
    frames = [_frame(run, starts, quantity) for run in runs]
    every = pandas.concat(frames)
    distance, error = quantity == "distance", quantity == "test_error"
    ends = [run.result["metrics"].get("start/unseen") for run in runs] if distance else []
    known = [end for end in ends if end is not None]
    axis: dict[str, Any] = {"axis": alt.Axis(grid=True)}
    if distance:
        axis = logarithmic([*every["mean"], *known])
    if error:
        axis = fractions()
    x = alt.X("step:Q", title="step", **logarithmic(every["step"]))
    y = alt.Y("mean:Q", title=None, **axis)
    tooltip = [
        alt.Tooltip("step:Q", format=","),
        alt.Tooltip("mean:Q", title=_TITLES[quantity], format=".2%" if error else ".4~r"),
    ]
    lines = [curves(frame, x, y, series, tooltip=tooltip) for frame in frames]
    return Panel(_TITLES[quantity], layered(*([level(known)] if known else []), *lines))


def _frame(run: TaskRun, starts: Sequence[str], quantity: str) -> pandas.DataFrame:
    """The curves of a run, without step 0, which has no place on a logarithmic axis."""
    arrays, metrics = run.arrays(), run.result["metrics"]
    steps = arrays["step"][1:]
    found = [
        pandas.DataFrame({"series": number, "step": steps, "mean": arrays[start + quantity][1:]})
        for number, start in enumerate(starts)
        if start + quantity in arrays
    ]
    closed_form = {"norm": 1.0, "test_error": metrics["test/error_minimum_norm"]}
    if quantity in closed_form:
        ends = {"step": steps[[0, -1]], "mean": closed_form[quantity]}
        found.append(pandas.DataFrame({"series": len(starts), **ends}))
    return pandas.concat(found, ignore_index=True)
