"""How many samples networks fit, against their parameters and their width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas

from nullfit.charts.appearance import FAINT, MARKERS, Look
from nullfit.charts.axes import logarithmic
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import by_series, curves, layered
from nullfit.results.grouping import Group
from nullfit.results.spread import Spread
from nullfit.results.task_run import TaskRun
from nullfit.tasks.capacity.account import labels_of
from nullfit.tasks.capacity.size import theorem_1_samples

SAMPLES, PER_PARAMETER = "capacity/samples", "capacity/samples_per_parameter"
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # kinds of labels
_MARKERS = ("diamond", "circle", "square", "plus", "hexagon", "cross", "star")  # depths, from 0
_DASHES = ((9.0, 3.0, 1.5, 3.0), (), (9.0, 4.0), (1.5, 3.5))
_BOUND = MARKERS["triangle_up"]  # upwards, where more samples were not there
_ON_LINE = 40  # points of a line of theory


@dataclass(frozen=True)
class Point:
    """A network and kind of labels, over the seeds of its runs: where it stands in the figure."""

    group: Group[TaskRun]
    apart: str  # data and settings in words, where a study has several; else empty

    @property
    def section(self) -> Mapping[str, Any]:
        """What the first of its runs found."""
        found: Mapping[str, Any] = self.group.runs[0].result["capacity"]
        return found

    @property
    def censored(self) -> bool:
        """Whether one of its runs fitted all samples there were."""
        return any(run.result["capacity"]["censored"] for run in self.group.runs)

    @property
    def kind(self) -> str:
        """What its labels are, of which data, by which training."""
        labels = labels_of(self.section["classes"])
        return f"{self.apart}: {labels}" if self.apart else labels

    @property
    def dimensions(self) -> int:
        """Numbers in a sample."""
        return int(np.prod(self.group.runs[0].result["data"]["input_shape"]))

    def measured(self, metric: str) -> Spread:
        """A metric over the seeds."""
        return self.group.measured(metric)


def capacities(of: Sequence[Point], note: str) -> Figure:
    """Samples against parameters, and samples for each parameter against width.

    Runs that fitted all samples there were are hollow triangles: their numbers are bounds.
    """
    series, number = _series(of)
    panels = [_against_parameters(of, series, number)]
    if any(point.section["width"] for point in of):
        panels.append(_against_width(of, series, number))
    return Figure(panels, note, series)


def _series(of: Sequence[Point]) -> tuple[list[Series], dict[tuple[str, int], int]]:
    """An entry for each kind of labels and depth, and its number."""
    kinds = list(dict.fromkeys(point.kind for point in of))
    keys = sorted({(kinds.index(p.kind), int(p.section["depth"])) for p in of})
    series = [
        Series(
            f"{kinds[kind]}, {_layers(depth)}",
            Look(
                "",
                _COLORS[kind % len(_COLORS)],
                _DASHES[depth % len(_DASHES)],
                _MARKERS[depth % len(_MARKERS)],
            ),
        )
        for kind, depth in keys
    ]
    return series, {(kinds[kind], depth): place for place, (kind, depth) in enumerate(keys)}


def _layers(depth: int) -> str:
    return "linear" if depth == 0 else f"{depth} hidden layer{'' if depth == 1 else 's'}"


def _frame(
    of: Sequence[Point], number: Mapping[tuple[str, int], int], metric: str
) -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            "series": number[point.kind, int(point.section["depth"])],
            "parameters": int(point.section["parameters"]),
            "width": int(point.section["width"]),
            "censored": point.censored,
            **vars(point.measured(metric)),
        }
        for point in sorted(of, key=lambda point: point.section["parameters"])
    )


def _against_parameters(
    of: Sequence[Point], series: Sequence[Series], number: Mapping[tuple[str, int], int]
) -> Panel:
    frame = _frame(of, number, SAMPLES)
    x_axis = logarithmic(frame["parameters"])
    first, last = x_axis["scale"]["domain"]
    y_axis = logarithmic([*frame["low"], *frame["high"], *frame["parameters"]])
    x = alt.X("parameters:Q", title="parameters p", **x_axis)
    y = alt.Y("mean:Q", title=None, **y_axis)
    along = np.geomspace(first, last, _ON_LINE)
    dimensions = sorted({point.dimensions for point in of})
    lines = [_line(along, along, y_axis, x, y, [1, 0])]
    lines += [
        _line(along, np.array([theorem_1_samples(p, d) for p in along]), y_axis, x, y, [4, 3])
        for d in dimensions
    ]
    return Panel("samples fitted", layered(*lines, *_marks(frame, x, y, series, ",.6~r")))


def _line(
    along: np.ndarray,
    values: np.ndarray,
    y_axis: Mapping[str, Any],
    x: alt.X,
    y: alt.Y,
    dash: list[int],
) -> alt.Chart:
    """A line of theory, as far as the panel reaches."""
    low, high = y_axis["scale"]["domain"]
    inside = (values >= low) & (values <= high)
    frame = pandas.DataFrame({"parameters": along[inside], "mean": values[inside]})
    chart: alt.Chart = alt.Chart(frame).mark_line(color=FAINT, strokeWidth=0.9, strokeDash=dash)
    return chart.encode(x=x, y=y)


def _against_width(
    of: Sequence[Point], series: Sequence[Series], number: Mapping[tuple[str, int], int]
) -> Panel:
    wide = [point for point in of if point.section["width"]]
    frame = _frame(wide, number, PER_PARAMETER)
    x = alt.X("width:Q", title="units of the widest layer", **logarithmic(frame["width"]))
    y = alt.Y("mean:Q", title=None, **logarithmic([*frame["low"], *frame["high"], 1.0]))
    one = alt.Chart(pandas.DataFrame({"mean": [1.0]})).mark_rule(color=FAINT, strokeWidth=0.9)
    marks = _marks(frame, x, y, series, ".3~r")
    return Panel("samples for each parameter", layered(one.encode(y=y), *marks))


def _marks(
    frame: pandas.DataFrame, x: alt.X, y: alt.Y, series: Sequence[Series], form: str
) -> list[alt.Chart | alt.LayerChart]:
    """What was measured as curves, what is only a bound as hollow triangles beside them."""
    tooltip = [alt.Tooltip("parameters:Q", format=","), alt.Tooltip("width:Q")]
    tooltip += [alt.Tooltip(f"{name}:Q", format=form) for name in ("mean", "low", "high")]
    tooltip += [alt.Tooltip("n:Q", title="runs")]
    measured, bounds = (frame[frame["censored"] == is_bound] for is_bound in (False, True))
    found: list[alt.Chart | alt.LayerChart] = []
    if len(measured):
        found.append(curves(measured.reset_index(drop=True), x, y, series, tooltip=tooltip))
    if len(bounds):
        # Panels have one scale of shapes, by which a series has a single marker.
        hollow = alt.Chart(bounds.reset_index(drop=True)).mark_point(
            shape=_BOUND, filled=False, fill="white", strokeWidth=1.3
        )
        found.append(hollow.encode(x=x, y=y, tooltip=tooltip, **by_series(series, "color")))
    return found
