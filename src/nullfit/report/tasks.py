"""The sections of tasks other than training, and of probes, made ready for the page."""

import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas

from nullfit.charts import style
from nullfit.console.progress import track
from nullfit.errors import UserError
from nullfit.report.page import Plot, plot
from nullfit.report.runs import TaskEntry, task_entries
from nullfit.report.section import Section, section_modules
from nullfit.report.tables import as_text, write_table_files
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun

_NUMBER = re.compile(r"[-+−±<>≥≤×%.,\d\s()eE–…]*\d[-+−±<>≥≤×%.,\d\s()eE–…]*|–|")
_NOT_IN_LINKS = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class TaskPart:
    """A section as the page shows it. ``runs`` are those of a task that has no other place."""

    name: str
    section: Section
    plots: list[Plot]
    numeric: list[str]
    printed: list[str]
    tables: list[str]
    runs: list[TaskEntry]
    files: list[Path]


def task_parts(study: Study, folder: Path) -> list[TaskPart]:
    """A part for each task or probe of the study that the report has a section for.

    What a section cannot be made of (a damaged run, one of an older version) is told in it.
    """
    found = runs_by_section(study)
    return [
        _part(name, runs, folder)
        for name, runs in track(found.items(), len(found), "reading other tasks")
    ]


def runs_by_section(study: Study) -> dict[str, list[TaskRun]]:
    """The runs of each task that has a section, and the trainings that a probe left results in."""
    names = section_modules()
    found = {task: runs for task, runs in study.of_tasks().items() if task in names}
    for name in names:
        probed: list[TaskRun] = [run for run in study.runs if run.result.get(name)]
        if probed and name not in found:
            found[name] = probed
    return found


def _part(name: str, runs: Sequence[TaskRun], folder: Path) -> TaskPart:
    try:
        section = _maker(name)(runs)
    except (UserError, OSError, KeyError) as error:
        told = str(error).splitlines()[0] if isinstance(error, UserError) else repr(error)
        section = Section(name.replace("_", " ").capitalize(), [], [f"Not shown: {told}"])
    pictures = [
        file
        for stem, figure in section.printed.items()
        for file in style.save(figure, folder / "figures" / _stem(name, stem))
    ]
    tables = [] if section.table is None else _tables(section.table, folder / "tables", name)
    return TaskPart(
        name=name,
        section=section,
        plots=[
            plot(f"{name}-{number}", title, figure)
            for number, (title, figure) in enumerate(section.plots)
        ],
        numeric=[] if section.table is None else numeric_columns(section.table),
        printed=[f"figures/{file.name}" for file in pictures],
        tables=[f"tables/{file.name}" for file in tables],
        runs=task_entries([run for run in runs if run.task == name]),
        files=[*pictures, *tables],
    )


def _maker(name: str) -> Callable[[Sequence[TaskRun]], Section]:
    section: Callable[[Sequence[TaskRun]], Section]
    section = importlib.import_module(section_modules()[name]).section
    return section


def _tables(table: pandas.DataFrame, folder: Path, name: str) -> list[Path]:
    return write_table_files(folder, name, table, as_text(table))


def _stem(task: str, stem: str) -> str:
    """Files of a task begin with its name, and their names can stand in a link as they are."""
    named = stem if stem.startswith(task) else f"{task}_{stem}"
    return _NOT_IN_LINKS.sub("_", named)


def numeric_columns(table: pandas.DataFrame) -> list[str]:
    """The columns of a table of text in which every cell that says anything is a number."""
    return [
        str(column)
        for column in table
        if all(_NUMBER.fullmatch(str(cell)) for cell in table[column])
    ]
