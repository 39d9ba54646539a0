"""Errors and norm against the number of random features: how they peak and fall again."""

from collections.abc import Sequence
from functools import partial

import altair as alt
import pandas

from nullfit.charts.axes import fractions, logarithmic
from nullfit.charts.figure import Figure, Panel, Series, corruption_series
from nullfit.charts.marks import curves, layered, level
from nullfit.report.section import NamedFigure, Section, TaskRun, spread_text
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, run_counts

FEWEST = 3  # numbers of features that make a curve
_TITLES = {
    "train/error": "training error",
    "test/error": "test error",
    "solution_norm": "norm of the solution",
}
_TEXT = [
    "Least squares of least norm on random waves whose scalar products approach the kernel. "
    "Up to as many of them as training samples (the grey line) more of them fit the training set "
    "better; there it is fitted exactly, by one function alone, whose norm and test error peak. "
    "Beyond it many functions fit, and that of least norm becomes smaller: errors fall again, to "
    "those of the kernel itself.",
    "After Belkin, Hsu, Ma, Mandal 2019, Reconciling modern machine-learning practice and the "
    "classical bias–variance trade-off (PNAS 116, figure 2). Each seed draws waves of its own.",
]
_NOTE = (
    "Mean over the seeds ({}); bands from the lowest to the highest. Grey: as many as samples. {}."
)


def families_of(groups: Sequence[Group[TaskRun]]) -> list[list[Group[TaskRun]]]:
    """Groups on random waves that differ in their number and corruption alone and make a curve."""
    found: dict[tuple[object, ...], list[Group[TaskRun]]] = {}
    for group in groups:
        result = group.runs[0].result
        about = result["kernel"]
        if about["features"] == "random_fourier":
            kernel = about["name"], round(about["gamma"], 6), about["ridge"]
            found.setdefault((result["data"]["name"], _samples(group), *kernel), []).append(group)
    return [
        sorted(members, key=_count)
        for members in found.values()
        if len(set(map(_count, members))) >= FEWEST
    ]


def section(family: Sequence[Group[TaskRun]], number: int) -> Section:
    """The curve of a family, and where it is lowest and highest."""
    result = family[0].runs[0].result
    about, data = result["kernel"], result["data"]["name"]
    kernel = f"{about['name']} γ={about['gamma']:.3g}, {data} ({_samples(family[0]):,} samples)"
    if about["ridge"]:
        kernel += f", λ={about['ridge']:g}"
    note = _NOTE.format(run_counts(family), kernel)
    labels = list(dict.fromkeys(group.label for group in family))
    rows = [
        row
        for label in labels
        for row in _rows([group for group in family if group.label == label])
    ]
    name = "double_descent" if not number else f"double_descent_{number + 1}"
    return Section(
        title=f"Double descent: {kernel}",
        text=_TEXT,
        table=pandas.DataFrame(rows),
        figures=[NamedFigure(name, "errors and norm by number of features", figure(family, note))],
    )


def figure(family: Sequence[Group[TaskRun]], note: str) -> Figure:
    """Training error, test error and norm against the number of features."""
    series = corruption_series((group.corruption, group.label) for group in family)
    return Figure([_panel(family, series, metric) for metric in _TITLES], note, series, columns=3)


def _panel(family: Sequence[Group[TaskRun]], series: Sequence[Series], metric: str) -> Panel:
    numbers = {entry.label: number for number, entry in enumerate(series)}
    frame = pandas.DataFrame(
        {
            "series": numbers[group.label],
            "features": _count(group),
            **vars(group.measured(metric)),
        }
        for group in family
    )
    norm = metric == "solution_norm"
    axis = logarithmic([*frame["low"], *frame["high"]]) if norm else fractions(frame["high"].max())
    form = ".4~r" if norm else ".2%"
    tooltip = [alt.Tooltip("features:Q", format=",")]
    tooltip += [alt.Tooltip(f"{name}:Q", format=form) for name in ("mean", "low", "high")]
    tooltip += [alt.Tooltip("n:Q", title="seeds")]
    x = alt.X("features:Q", title="random features", **logarithmic(frame["features"]))
    y = alt.Y("mean:Q", title=None, **axis)
    threshold = level([_samples(family[0])], "x")
    return Panel(_TITLES[metric], layered(threshold, curves(frame, x, y, series, tooltip=tooltip)))


def _rows(family: Sequence[Group[TaskRun]]) -> list[dict[str, str]]:
    """Below as many features as samples the best, the worst of all, and beyond it the best."""
    samples = _samples(family[0])
    places = {
        "best below as many as samples": [g for g in family if _count(g) < samples],
        "worst": list(family),
        "best beyond": [g for g in family if _count(g) > samples],
    }
    rows = []
    for place, members in places.items():
        if members:
            chosen = (max if place == "worst" else min)(members, key=_test_error)
            rows.append(_row(place, chosen))
    return rows


def _row(place: str, group: Group[TaskRun]) -> dict[str, str]:
    return {
        "corruption": group.label,
        "where": place,
        "features": f"{_count(group):,}",
        "n": str(len(group.runs)),
        "train error %": spread_text(group.spread("train/error"), partial(percent, digits=2)),
        "test error %": spread_text(group.spread("test/error"), partial(percent, digits=2)),
        "norm": spread_text(group.spread("solution_norm"), "{:.4g}".format),
    }


def _count(group: Group[TaskRun]) -> int:
    return int(group.runs[0].result["kernel"]["count"])


def _samples(group: Group[TaskRun]) -> int:
    return int(group.runs[0].result["data"]["train_samples"])


def _test_error(group: Group[TaskRun]) -> float:
    return group.measured("test/error").mean
