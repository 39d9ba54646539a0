"""Exact solutions with kernels: training error, test error and norm."""

from collections.abc import Sequence

import altair as alt
import pandas

from nullfit.charts.axes import fractions, logarithmic
from nullfit.charts.figure import Figure, Panel, Series, corruption_series
from nullfit.charts.marks import dots, layered, level
from nullfit.results.grouping import Group
from nullfit.results.task_run import TaskRun, chance_of

_TITLES = {
    "train/error": "training error",
    "test/error": "test error",
    "solution_norm": "norm of the solution",
}


def errors_and_norms(of: Sequence[tuple[str, Group[TaskRun]]], note: str) -> Figure:
    """A row for each group under the name of its kernel; bars reach over the seeds.

    Grey is the error of chance, where errors come near it.
    """
    series = corruption_series((group.corruption, group.label) for _, group in of)
    return Figure([_panel(of, series, metric) for metric in _TITLES], note, series, columns=3)


def _panel(
    of: Sequence[tuple[str, Group[TaskRun]]], series: Sequence[Series], metric: str
) -> Panel:
    numbers = {entry.label: number for number, entry in enumerate(series)}
    frame = pandas.DataFrame(
        {"series": numbers[group.label], "group": name, **vars(spread)}
        for name, group in of
        if (spread := group.spread(metric)) is not None
    )
    norm = metric == "solution_norm"
    axis = logarithmic([*frame["low"], *frame["high"]]) if norm else fractions(frame["high"].max())
    form = ".4~r" if norm else ".2%"
    tooltip = [alt.Tooltip(f"{name}:Q", format=form) for name in ("mean", "low", "high")]
    chart, lines = dots(
        frame,
        alt.X("mean:Q", title=None, **axis),
        series,
        tooltip=[*tooltip, alt.Tooltip("n:Q", title="seeds")],
    )
    chance = chance_of(run for _, group in of for run in group.runs)
    if metric == "test/error" and chance is not None and 1 - chance < axis["scale"]["domain"][1]:
        chart = layered(level([1 - chance], "x"), chart)
    return Panel(_TITLES[metric], chart, lines=lines)
