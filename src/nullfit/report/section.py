"""What a section of the report is made of, and where the sections are.

A task or probe has a section if a module ``section`` lies in its folder. The module's function
``section(runs: Sequence[TaskRun]) -> Section`` is called with the study's runs of the task, or with
its trainings whose result.json has a field with the name of the probe.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec

import pandas
import plotly.graph_objects as go
import yaml
from matplotlib.figure import Figure

from nullfit.config.composer import config_folder
from nullfit.results.spread import Spread
from nullfit.results.task_run import TaskRun

__all__ = ["Section", "TaskRun", "spread_text"]


@cache
def section_modules() -> dict[str, str]:
    """The module of each section, by the name of its task or probe."""
    modules = {}
    for group in ("task", "probe"):
        for file in (config_folder() / group).glob("*.yaml"):
            option = yaml.safe_load(file.read_text(encoding="utf-8"))
            target = option.get(group, option).get("_target_") or ""
            folder = ".".join(target.split(".")[:-2])  # without module and function
            if folder and find_spec(f"{folder}.section"):
                modules[file.stem] = f"{folder}.section"
    return dict(sorted(modules.items()))


def spread_text(spread: Spread | None, form: Callable[[float], str]) -> str:
    """The mean and, of several runs, the lowest and the highest, each as ``form`` writes it."""
    if spread is None:
        return "–"
    if spread.n == 1:
        return form(spread.mean)
    return f"{form(spread.mean)} ({form(spread.low)} … {form(spread.high)})"


@dataclass(frozen=True)
class Section:
    """One section, without any markup: the page escapes what it shows.

    ``text`` are paragraphs, the first of which says what was computed. ``warnings`` stand out;
    they say what a reader must not conclude. The cells of ``table`` are text. ``plots`` are pairs
    of the name of a tab and its interactive figure (`nullfit.charts.interactive`; text in
    them passes through `look.plain`). ``printed`` are figures of `nullfit.plots` for print, by the
    file's name without suffix; they are saved and closed by the report.
    """

    title: str
    text: list[str]
    warnings: list[str] = field(default_factory=list)
    table: pandas.DataFrame | None = None
    plots: list[tuple[str, go.Figure]] = field(default_factory=list)
    printed: dict[str, Figure] = field(default_factory=dict)
