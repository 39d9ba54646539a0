"""What the report says of ``task=expressivity``."""

from collections.abc import Sequence

import pandas

from nullfit.report.section import Section, TaskRun, spread_text
from nullfit.results.formats import percent
from nullfit.results.grouping import Group
from nullfit.tasks.expressivity.expressivity_settings import by_data, data_of, samples_of
from nullfit.tasks.expressivity.figure import (
    RESIDUAL,
    Along,
    draw_expressivity,
    draw_function,
    smallest,
)
from nullfit.tasks.expressivity.interactive import expressivity, function

_TEXT = [
    "Theorem 1 of Zhang et al. 2017, constructed: a two-layer ReLU network with 2n + d weights "
    "takes any labels at n distinct points in d dimensions. It is solved for, not trained: the "
    "points are projected on a random direction, and a triangular system gives the weights. Its "
    "one output is read as the nearest class.",
    "It fits random labels exactly, as it does true ones, and predicts nothing: a count of weights "
    "says that a network can fit, not what it will do on unseen data.",
]
_NOT_EXACT = (
    "{}: the largest residual is {:.2g}, half a label or more: rounding has the upper hand."
)
_NOTE = "Thin: training accuracy; grey: chance (where it is known), and half a label. Data: {}."


def section(runs: Sequence[TaskRun]) -> Section:
    """Accuracies and residuals of all runs, and the function of the smallest."""
    settings = by_data(runs)
    least = smallest(settings)
    along = Along.of(least.runs[0])
    told = f"{data_of(least)}, {least.label}, n = {samples_of(least):,}"
    data = ", ".join(dict.fromkeys(name for name, _ in settings))
    return Section(
        title="Expressivity: 2n + d weights fit anything",
        text=_TEXT,
        warnings=[
            _NOT_EXACT.format(run.folder.name, run.result["metrics"][RESIDUAL])
            for run in runs
            if run.result["metrics"][RESIDUAL] >= 0.5
        ],
        table=pandas.DataFrame([_row(s) for members in settings.values() for s in members]),
        plots=[
            ("accuracy and residual", expressivity(settings)),
            (f"the function: {told}", function(along)),
        ],
        printed={
            "expressivity": draw_expressivity(settings, _NOTE.format(data)),
            "expressivity_function": draw_function(along, f"{told}. {_shown(along, least)}"),
        },
    )


def _shown(along: Along, setting: Group[TaskRun]) -> str:
    shown = len(along.targets)
    return (
        "" if shown == samples_of(setting) else f"Shown: the {shown} points of lowest projection."
    )


def _row(setting: Group[TaskRun]) -> dict[str, str]:
    first = setting.runs[0].result
    return {
        "data": data_of(setting),
        "corruption": setting.label,
        "samples": f"{samples_of(setting):,}",
        "weights": f"{first['model']['parameters']:,}",
        "n": str(len(setting.runs)),
        "train %": spread_text(setting.measured("train/accuracy"), percent),
        "test %": spread_text(setting.measured("test/accuracy"), percent),
        "largest residual": spread_text(setting.measured(RESIDUAL), "{:.1e}".format),
    }
