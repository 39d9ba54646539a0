"""The tables of a study: on the terminal, and as CSV (numbers), Markdown and LaTeX (for people)."""

from pathlib import Path
from typing import Literal

import pandas
from rich.box import SIMPLE_HEAD
from rich.table import Table

from nullfit.console.messages import say, show
from nullfit.results.formats import csv_text, latex, markdown, short
from nullfit.results.study import Study
from nullfit.results.table import readable, readable_task_table, study_table, task_table
from nullfit.results.thresholds import threshold_note
from nullfit.system.files import write_text

_HEADINGS = {"settings": "set", "clean test %": "clean\ntest %", "epochs to fit": "epochs\nto fit"}


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
    print_table(study)
    made = {}
    if study.runs:
        numbers = study_table(study.runs)
        made["table"] = (numbers, readable(numbers))
    for task, runs in study.of_tasks().items():
        numbers = task_table(runs)
        made[f"table_{task}"] = (numbers, readable_task_table(numbers))
    files = []
    for name, (numbers, text) in made.items():
        write_text(folder / f"{name}.csv", csv_text(numbers))
        judged = threshold_note(study.runs) if name == "table" else None
        write_text(folder / f"{name}.md", markdown(text) + (f"\n{judged}\n" if judged else ""))
        files += [folder / f"{name}.csv", folder / f"{name}.md"]
    return files


def print_table(study: Study) -> None:
    """Print the tables for people, and what they must not be read without."""
    if study.runs:
        _print_trainings(study)
    for task, runs in study.of_tasks().items():
        text = readable_task_table(task_table(runs))
        words = {"job", "model", "data", "corruption"} & set(text.columns)
        _print(text, f"study {study.name}, task {task}", words)


def _print_trainings(study: Study) -> None:
    """What tells rows apart stands below the table, by number."""
    text = readable(study_table(study.runs))
    notes: dict[str, int] = {}
    if "settings" in text:
        told = [note for note in text["settings"] if note]
        notes = {note: number for number, note in enumerate(dict.fromkeys(told), start=1)}
        text["settings"] = [notes.get(note, "") for note in text["settings"]]
    _print(text, f"study {study.name}", {"model", "data", "corruption"})
    for note, number in notes.items():
        say(f"  settings {number}: {note}")
    if (judged := threshold_note(study.runs)) is not None:
        say(f"  {judged}")


def _print(text: pandas.DataFrame, title: str, words: set[str]) -> None:
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for column in map(str, text.columns):
        heading = _HEADINGS.get(column, column.replace("/", "/\n"))
        is_words = column in words
        justify: Literal["left", "right"] = "left" if is_words else "right"
        shown.add_column(heading, justify=justify, no_wrap=is_words)
    for row in text.itertuples(index=False):
        shown.add_row(*map(str, row))
    show(shown)
