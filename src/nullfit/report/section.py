"""What a section of the report is made of, and where the sections are.

A task or probe has a place in the report if a module ``section`` lies in its folder. The module's
function ``sections(of: Material) -> list[Section]`` is called with the study's runs of the task, or
with its trainings whose result.json has a field with the name of the probe.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec

import matplotlib.figure
import pandas
import yaml

from nullfit.charts.appearance import Look, network_words
from nullfit.charts.figure import Figure, Series, corruption_series
from nullfit.charts.samples import SampleRow, draw_samples
from nullfit.config.composer import config_folder
from nullfit.config.schema import RunConfig
from nullfit.results.grouping import Group, corruption_label, run_counts
from nullfit.results.spread import Spread
from nullfit.results.task_run import TaskRun
from nullfit.system.shallow_yaml import LOADER

__all__ = ["Drawn", "Material", "NamedFigure", "Picture", "Section", "TaskRun", "spread_text"]


DETECTORS = "detectors"  # the section on runs of whatever task or probe that scored their samples
BOUNDS = "bounds"  # the one on runs of these tasks, if there are any of the first
BOUNDING = ("pac_bayes", "rademacher")

_NOT_SHOWN = "Not shown: "
_MOST_PLOTS = 12  # tabs that can be told apart


@cache
def section_modules() -> dict[str, str]:
    """The module of each section, by the name of its task or probe."""
    modules = {name: f"nullfit.report.{name}.section" for name in (BOUNDS, DETECTORS)}
    for group in ("task", "probe"):
        for file in (config_folder() / group).glob("*.yaml"):
            option = yaml.load(file.read_text(encoding="utf-8"), LOADER)
            target = option.get(group, option).get("_target_") or ""
            folder = ".".join(target.split(".")[:-2])  # without module and function
            if folder and find_spec(f"{folder}.section"):
                modules[file.stem] = f"{folder}.section"
    return dict(sorted(modules.items()))


def not_shown(why: object) -> str:
    """A warning that something has no place on the page, which the terminal says as well."""
    return f"{_NOT_SHOWN}{why}"


def is_not_shown(warning: str) -> bool:
    """Whether it is one of `not_shown`."""
    return warning.startswith(_NOT_SHOWN)


def filled(rows: Iterable[Mapping[str, str]]) -> pandas.DataFrame:
    """A table without the columns that have nothing but dashes."""
    table = pandas.DataFrame(rows)
    return table.loc[:, (table != "–").any()]


def spread_text(spread: Spread | None, form: Callable[[float], str]) -> str:
    """The mean and, of several runs, the lowest and the highest, each as ``form`` writes it."""
    if spread is None:
        return "–"
    if spread.n == 1:
        return form(spread.mean)
    return f"{form(spread.mean)} ({form(spread.low)} … {form(spread.high)})"


def setting_columns(group: Group[TaskRun]) -> dict[str, str]:
    """The first columns of a table that has a row for each setting."""
    first = group.runs[0].result
    return {
        "model": network_words(group.runs[0].network),
        "data": str(first["data"]["name"]),
        "corruption": group.label,
        "n": str(len(group.runs)),
    }


@dataclass(frozen=True)
class Material:
    """What sections are made of: finished runs, and the ``command`` that asks for the report.

    The command says what code it trusts, whatever the settings of the runs name.
    """

    runs: Sequence[TaskRun]
    command: RunConfig


@dataclass(frozen=True)
class NamedFigure:
    """A figure, the name of its tab on the page, and that of its files without suffix."""

    stem: str
    title: str
    figure: Figure


@dataclass(frozen=True)
class Picture:
    """A picture of samples: on the page it is what is printed. Names as of a `NamedFigure`."""

    stem: str
    title: str
    figure: matplotlib.figure.Figure


def network_and_data(run: TaskRun) -> str:
    """What was trained on what, without the corruption."""
    return f"{network_words(run.network)}, {run.result['data']['name']}"


def note_of(run: TaskRun) -> str:
    """What stands below a figure of one run; what is drawn follows."""
    data, network = run.result["data"]["name"], network_words(run.network)
    return f"Data: {data}, {corruption_label(run)}; {network}. One run, seed {run.result['seed']};"


def figure_and_samples(
    stem: str, title: str, figure: Figure, rows: Sequence[SampleRow], run: TaskRun
) -> tuple[list[NamedFigure], list[Picture]]:
    """A figure of a run, and its samples as a picture if there are any."""
    figures = [NamedFigure(stem, title, figure)]
    if not rows:
        return figures, []
    drawn = draw_samples(rows, run.result["data"]["class_names"])
    return figures, [Picture(f"{stem}_samples", title, drawn)]


def settings_together(
    groups: Iterable[Group[TaskRun]],
    stem: str,
    comparable: Callable[[TaskRun], Hashable],
    draw: Callable[[Sequence[Series], Sequence[Group[TaskRun]], str], Figure],
) -> list[NamedFigure]:
    """Where a network was trained on several versions of the data, these in one figure.

    ``draw`` gets the settings' names and looks, the settings, and what stands below the figure;
    settings are held against each other where ``comparable`` says the same of their first runs.
    """
    alike: dict[tuple[str, Hashable], list[Group[TaskRun]]] = {}
    for group in groups:
        first = group.runs[0]
        alike.setdefault((network_and_data(first), comparable(first)), []).append(group)
    figures: list[NamedFigure] = []
    for (about, _), members in alike.items():
        entries = corruption_series((group.corruption, group.label) for group in members)
        if 1 < len(members) == len(entries):  # else some differ in what a label does not say
            figure = draw(entries, members, f"{about}; {run_counts(members)}.")
            figures.append(NamedFigure(f"{stem}_settings_{len(figures) + 1}", about, figure))
    return figures


@dataclass(frozen=True)
class Drawn:
    """Figures and pictures of the first of several runs; ``left`` says, if need be, of how many."""

    figures: list[NamedFigure]
    pictures: list[Picture]
    left: list[str]

    @classmethod
    def of(
        cls,
        runs: Sequence[TaskRun],
        draw: Callable[[TaskRun], tuple[list[NamedFigure], list[Picture]]],
    ) -> "Drawn":
        """As ``draw`` draws each of as many runs as tabs can be told apart."""
        found = [draw(run) for run in runs[:_MOST_PLOTS]]
        left = len(runs) - len(found)
        return cls(
            [figure for figures, _ in found for figure in figures],
            [picture for _, pictures in found for picture in pictures],
            [f"Figures of {left} more runs lie in their folders."] if left > 0 else [],
        )


@dataclass(frozen=True)
class Section:
    """One section, without any markup: the page escapes what it shows.

    ``text`` are paragraphs, the first of which says what was computed. ``warnings`` stand out;
    they say what a reader must not conclude. The cells of ``table`` are text; ``numbers`` is the
    same for programs, where it is not. ``looks`` stand before the rows of the table. The files of
    the table are named by ``stem``, or by the task or probe.
    """

    title: str
    text: list[str]
    warnings: list[str] = field(default_factory=list)
    table: pandas.DataFrame | None = None
    figures: list[NamedFigure] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    numbers: pandas.DataFrame | None = None
    looks: Sequence[Look] = ()
    stem: str = ""
