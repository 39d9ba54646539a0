"""SGD on its way to the solution of least norm: distance, norm and test error against the step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.results.grouping import corruption_label
from nullfit.results.task_run import TaskRun

_ROW, _BELOW = 1.5, 0.55  # inches
_AT_LEAST_SHOWN = 0.09  # of a distance: a decade, which an axis needs for its numbers
FROM_ZERO, FROM_ELSEWHERE, CLOSED = "SGD from zero", "SGD from a random start", "closed form"


@dataclass(frozen=True)
class Path:
    """What a run's arrays hold for the figure. Norms and distances are in units of the least norm.

    ``ends`` is where the random start must end: the distance from the solution of least norm that
    the part of the start which no sample sees keeps up.
    """

    name: str
    arrays: Mapping[str, np.ndarray]
    test_error: float  # of the closed form
    ends: float | None

    @classmethod
    def of(cls, run: TaskRun) -> "Path":
        """Read the arrays of a run."""
        metrics = run.result["metrics"]
        data = run.result["data"]
        about = run.result["implicit_regularization"]
        features = f"{about['dimensions']:,} {about['features']} features".replace("_", " ")
        name = f"{data['train_samples']:,} {data['name']}, {features}, {corruption_label(run)}"
        ends = metrics.get("start/unseen")
        return cls(name, run.arrays(), metrics["test/error_minimum_norm"], ends)

    @property
    def steps(self) -> np.ndarray:
        """The steps, without 0, which has no place on a logarithmic axis."""
        return self.arrays["step"][1:]

    def curve(self, name: str) -> np.ndarray | None:
        """A column against `steps`; None where there was no other start."""
        return self.arrays[name][1:] if name in self.arrays else None


@dataclass(frozen=True)
class Panel:
    """A column of the figure: the arrays of both starts, and the unit they are shown in."""

    title: str
    zero: str
    elsewhere: str
    unit: float = 1.0
    logarithmic: bool = False

    def level(self, path: Path) -> float | None:
        """That of the closed form."""
        if self.zero == "norm":
            return 1.0
        return path.test_error / self.unit if self.zero == "test_error" else None


PANELS = (
    Panel("distance / least norm", "distance", "start_distance", logarithmic=True),
    Panel("norm / least norm", "norm", "start_norm"),
    Panel("test error (%)", "test_error", "start_test_error", unit=0.01),
)
LOOKS: dict[str, Any] = {
    FROM_ZERO: {"color": "#000000", "linestyle": "-"},
    FROM_ELSEWHERE: {"color": "#D55E00", "linestyle": (0, (5.0, 1.6))},
    CLOSED: {"color": "#0072B2", "linestyle": (0, (1.2, 1.2))},
}


def draw_implicit_regularization(paths: Sequence[Path], note: str) -> Figure:
    """One row of panels for each run."""
    with style.applied():
        height = len(paths) * _ROW + _BELOW
        figure = style.new_figure(height, note)
        rows = figure.subplots(len(paths), len(PANELS), squeeze=False)
        for row, path in zip(rows, paths, strict=True):
            for axes, panel in zip(row, PANELS, strict=True):
                _draw(axes, panel, path)
            row[0].set_ylabel(path.name.replace(", ", ",\n"), fontsize=7)
        for axes, panel in zip(rows[0], PANELS, strict=True):
            axes.set_title(panel.title)
        for axes in rows[-1]:
            axes.set_xlabel("step")
        figure.set_figheight(height + add_legend(figure, rows.flat))
    return figure


def _draw(axes: Axes, panel: Panel, path: Path) -> None:
    for label, name in ((FROM_ZERO, panel.zero), (FROM_ELSEWHERE, panel.elsewhere)):
        values = path.curve(name)
        if values is not None:
            axes.plot(path.steps, values / panel.unit, label=label, **LOOKS[label])
    level = panel.level(path)
    if level is not None:
        axes.axhline(level, label=CLOSED, linewidth=1.0, **LOOKS[CLOSED])
    elif path.ends is not None:
        axes.axhline(path.ends, color=style.FAINT, linewidth=0.5)
    axes.set_xscale("log")
    if panel.logarithmic:
        axes.set_yscale("log")
        axes.set_ylim(bottom=min(axes.get_ylim()[0], _AT_LEAST_SHOWN))
    else:
        axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
