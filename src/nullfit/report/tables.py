"""The tables of a study: on the terminal, and as CSV (numbers), Markdown and LaTeX (for people)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas
from rich.box import SIMPLE_HEAD
from rich.table import Table

from nullfit.console.messages import one_line, say, show
from nullfit.results.formats import csv_text, latex, markdown, short
from nullfit.results.paired import comparisons, paired_note, paired_table, readable_paired
from nullfit.results.readable_table import readable, readable_task_table
from nullfit.results.settings import settings_of
from nullfit.results.study import Study
from nullfit.results.table import study_table, task_table
from nullfit.results.thresholds import threshold_note
from nullfit.results.usable import of_usable
from nullfit.system.files import write_text

_WORDS = {"job", "model", "data", "corruption", "setting", "less"}  # columns of text
_HEADINGS = {
    "test accuracy, points": "test accuracy,\npoints",
    "train accuracy, points": "train accuracy,\npoints",
    "settings": "set",
    "clean test %": "clean\ntest %",
    "changed labels %": "changed\nlabels %",
    "epochs to fit": "epochs\nto fit",
}


def write_table_files(
    folder: Path, name: str, numbers: pandas.DataFrame, shown: pandas.DataFrame
) -> list[Path]:
    """Write ``<name>.csv`` from ``numbers``, ``.md`` and ``.tex`` from the texts in ``shown``."""
    texts = {
        ".csv": csv_text(numbers),
        ".md": markdown(shown),
        ".tex": latex(shown),
    }
    for suffix, text in texts.items():
        write_text(folder / f"{name}{suffix}", text)
    return [folder / f"{name}{suffix}" for suffix in texts]


def as_text(table: pandas.DataFrame) -> pandas.DataFrame:
    """Numbers with four digits, nothing where there is no value."""
    return table.map(_text)


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and pandas.isna(value)):
        return "–"
    return short(value) if isinstance(value, float) else str(value)


def write_table(study: Study, folder: Path) -> list[Path]:
    """Print the tables and write them to ``folder``; returns the files."""
    made = _tables_of(study)
    _print_tables(study.name, made)
    files = []
    for name, table in made.items():
        write_text(folder / f"{name}.csv", csv_text(table.numbers))
        note = "" if table.note is None else f"\n{table.note}\n"
        write_text(folder / f"{name}.md", markdown(table.text) + note)
        files += [folder / f"{name}.csv", folder / f"{name}.md"]
    return files


@dataclass(frozen=True)
class _TaskTable:
    """A table as numbers and for people, and what it must not be read without.

    ``of`` says what of the study it is: nothing of trainings, a task, or what was compared.
    """

    numbers: pandas.DataFrame
    text: pandas.DataFrame
    note: str | None = None
    of: str = ""


def _tables_of(study: Study) -> dict[str, _TaskTable]:
    """A table for each task, and the differences of trainings by seed, by the names of files.

    Raises:
        UserError: none of its runs has what a table is made of.
    """
    return of_usable(study.every_run, lambda runs: _made_of(study.only(runs)), "the table")


def _made_of(study: Study) -> dict[str, _TaskTable]:
    made = {}
    if study.runs:
        numbers = study_table(study.runs)
        made["table"] = _TaskTable(numbers, readable(numbers), threshold_note(study.runs))
        made |= _paired(study)
    for task, runs in study.of_tasks().items():
        numbers = task_table(runs)
        text = readable_task_table(numbers)
        made[f"table_{task}"] = _TaskTable(numbers, text, of=f", task {task}")
    return made


def _paired(study: Study) -> dict[str, _TaskTable]:
    """Where settings have two seeds or more in common."""
    settings = settings_of(study.runs)
    found = comparisons(settings)
    if not found.any_interval:
        return {}
    numbers, text = paired_table(found, settings), readable_paired(found, settings)
    return {"paired": _TaskTable(numbers, text, paired_note(found), ", differences by seed")}


def print_table(study: Study) -> None:
    """Print the tables for people, and what they must not be read without.

    Raises:
        UserError: none of its runs has what a table is made of.
    """
    _print_tables(study.name, _tables_of(study))


def _print_tables(study: str, tables: Mapping[str, _TaskTable]) -> None:
    for table in tables.values():
        if not table.of:
            _print_trainings(study, table)
            continue
        _print(table.text, f"study {study}{table.of}", _WORDS & set(table.text.columns))
        if table.note is not None:
            say(f"  {table.note}")


def _print_trainings(study: str, table: _TaskTable) -> None:
    """What tells rows apart stands below the table, by number."""
    text = table.text.copy()
    notes: dict[str, int] = {}
    if "settings" in text:
        told = [note for note in text["settings"] if note]
        notes = {note: number for number, note in enumerate(dict.fromkeys(told), start=1)}
        text["settings"] = [notes.get(note, "") for note in text["settings"]]
    _print(text, f"study {study}", {"model", "data", "corruption"})
    for note, number in notes.items():
        say(f"  settings {number}: {one_line(note)}")
    if table.note is not None:
        say(f"  {table.note}")


def _print(text: pandas.DataFrame, title: str, words: set[str]) -> None:
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for column in map(str, text.columns):
        heading = _HEADINGS.get(column, one_line(column).replace("/", "/\n"))
        is_words = column in words
        justify: Literal["left", "right"] = "left" if is_words else "right"
        shown.add_column(heading, justify=justify, no_wrap=is_words)
    for row in text.itertuples(index=False):
        shown.add_row(*map(str, row))
    show(shown)
