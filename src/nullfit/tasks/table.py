"""``task=table``: the table of a study."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nullfit.config.schema import RunConfig
from nullfit.console import name_files, say, show
from nullfit.files import write_text
from nullfit.results.study import Study, read_study
from nullfit.results.unfinished import say_unfinished

if TYPE_CHECKING:
    import pandas

_HEADINGS = {"settings": "set", "clean test %": "clean\ntest %", "epochs to fit": "epochs\nto fit"}


def table(config: RunConfig, folder: Path) -> None:
    """Print settings with mean ± standard deviation over seeds; write CSV and Markdown.

    Trainings stand in one table, model × corruption; each other task has one of its own.

    Raises:
        UserError: the study does not exist or has no finished run.
    """
    study = read_study(config.outputs, config.study)
    name_files(write_table(study, folder))
    say_unfinished(study, "not in the table")


def write_table(study: Study, folder: Path) -> list[Path]:
    """Print the tables and write them to ``folder``; returns the files."""
    from nullfit.results.formats import csv_text, markdown
    from nullfit.results.table import readable, study_table
    from nullfit.results.task_table import readable_task_table, task_table
    from nullfit.results.thresholds import threshold_note

    print_table(study)
    made = {}
    if study.runs:
        numbers = study_table(study)
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
    from nullfit.results.task_table import readable_task_table, task_table

    if study.runs:
        _print_trainings(study)
    for task, runs in study.of_tasks().items():
        text = readable_task_table(task_table(runs))
        words = {"job", "model", "data", "corruption"} & set(text.columns)
        _print(text, f"study {study.name}, task {task}", words)


def _print_trainings(study: Study) -> None:
    """What tells rows apart stands below the table, by number."""
    from nullfit.results.table import readable, study_table
    from nullfit.results.thresholds import threshold_note

    text = readable(study_table(study))
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


def _print(text: "pandas.DataFrame", title: str, words: set[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for column in map(str, text.columns):
        heading = _HEADINGS.get(column, column.replace("/", "/\n"))
        is_words = column in words
        justify: Literal["left", "right"] = "left" if is_words else "right"
        shown.add_column(heading, justify=justify, no_wrap=is_words)
    for row in text.itertuples(index=False):
        shown.add_row(*map(str, row))
    show(shown)
