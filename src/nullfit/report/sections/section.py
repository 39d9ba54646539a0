"""What a section of the report is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas
import plotly.graph_objects as go
from matplotlib.figure import Figure

from nullfit.results.levels import Spread
from nullfit.results.task_run import TaskRun

__all__ = ["Section", "TaskRun", "spread_text"]


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
    of the name of a tab and its interactive figure (`nullfit.report.interactive.look`; text in
    them passes through `look.plain`). ``printed`` are figures of `nullfit.plots` for print, by the
    file's name without suffix; they are saved and closed by the report.
    """

    title: str
    text: list[str]
    warnings: list[str] = field(default_factory=list)
    table: pandas.DataFrame | None = None
    plots: list[tuple[str, go.Figure]] = field(default_factory=list)
    printed: dict[str, Figure] = field(default_factory=dict)
