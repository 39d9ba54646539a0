"""What was fitted and what was predicted: steps to fit, test error, generalization gap."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas

from nullfit.charts.appearance import network_words
from nullfit.charts.axes import fractions, logarithmic
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import dots
from nullfit.results.settings import Setting, networks_of
from nullfit.results.spread import Spread
from nullfit.results.study import Run
from nullfit.tasks.train.legend import Legend

_ROWS = 40  # in one figure: more do not fit on a page


@dataclass(frozen=True)
class Measure:
    """A panel: its title and what it takes from a run, None if that run has none."""

    title: str
    of: Callable[[Run], float | None]
    axis: Callable[[Sequence[float]], dict[str, Any]]
    format: str


def _steps(run: Run) -> float | None:
    steps = run.result["fit"]["steps_to_fit"]
    return None if steps is None else float(steps)


def _test_error(run: Run) -> float | None:
    accuracy = run.result["metrics"].get("test/accuracy")
    return None if accuracy is None else 1 - float(accuracy)


def _gap(run: Run) -> float | None:
    metrics = run.result["metrics"]
    train, test = metrics.get("train/accuracy"), metrics.get("test/accuracy")
    return None if train is None or test is None else float(train) - float(test)


def _gaps(values: Sequence[float]) -> dict[str, Any]:
    """An axis of fractions that goes below zero where the test set was easier."""
    axis = fractions()
    lowest, highest = axis["scale"]["domain"]
    return axis | {"scale": {"domain": [min([lowest, *values]), highest], "nice": False}}


_MEASURES = (
    Measure("steps to fit", _steps, logarithmic, ",.4~r"),
    Measure("test error", _test_error, lambda errors: fractions(max(errors)), ".2%"),
    Measure("generalization gap", _gap, _gaps, ".2%"),
)


def parts_of(settings: Iterable[Setting]) -> list[list[Setting]]:
    """The settings in parts of whole networks, each of which fits on a page."""
    parts: list[list[Setting]] = []
    for members in networks_of(settings).values():
        if not parts or len(parts[-1]) + len(members) > _ROWS:
            parts.append([])
        parts[-1] += members
    return parts


def generalization(settings: Sequence[Setting], legend: Legend, note: str) -> Figure:
    """A row for each setting; bars reach from the lowest to the highest run over the seeds.

    The gap is training accuracy (on the labels trained on) less test accuracy. A setting that no
    run fitted has an empty row in the first panel, which is left out where no run fitted any.
    """
    labels = {setting.label for setting in settings}
    series = [entry for label, entry in legend.items() if label in labels]
    panels = [
        _panel(settings, series, measure)
        for measure in _MEASURES
        if any(_spread(setting, measure) for setting in settings)
    ]
    return Figure(panels, note, series, columns=3)


def _panel(settings: Sequence[Setting], series: Sequence[Series], measure: Measure) -> Panel:
    numbers = {entry.label: number for number, entry in enumerate(series)}
    frame = pandas.DataFrame([
        {
            "series": numbers[setting.label], "group": network_words(setting.network),
            **{name: getattr(found, name, None) for name in ("mean", "low", "high", "n")},
        }
        for setting in settings
        for found in [_spread(setting, measure)]
    ])  # fmt: skip
    values = frame[["low", "high"]].astype(float).stack().dropna()
    x = alt.X("mean:Q", title=None, **measure.axis(values.tolist()))
    names = ("mean", "low", "high")
    tooltip = [alt.Tooltip(f"{name}:Q", format=measure.format) for name in names]
    chart, lines = dots(frame, x, series, tooltip=[*tooltip, alt.Tooltip("n:Q", title="runs")])
    return Panel(measure.title, chart, lines=lines)


def _spread(setting: Setting, measure: Measure) -> Spread | None:
    """A measure over the runs of a setting that have it and did not diverge."""
    values = (measure.of(run) for run in setting.finite)
    return Spread.of(values)
