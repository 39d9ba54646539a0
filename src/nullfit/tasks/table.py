"""``task=table``: the table of a study."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.console import name_files, say
from nullfit.files import write_text
from nullfit.results.study import Study, read_study

_HEADINGS = {"settings": "set", "clean test %": "clean\ntest %", "epochs to fit": "epochs\nto fit"}


def table(config: RunConfig, folder: Path) -> None:
    """Print model × corruption with mean ± standard deviation over seeds; write CSV and Markdown.

    Raises:
        UserError: the study does not exist or has no finished run.
    """
    study = read_study(config.outputs, config.study)
    name_files(write_table(study, folder))
    for job in study.unfinished:
        say(f"  unfinished, not in the table: {job}")


def write_table(study: Study, folder: Path) -> list[Path]:
    """Print the table and write it to ``folder``; returns the files."""
    from nullfit.results.formats import markdown
    from nullfit.results.table import readable, study_table

    numbers = study_table(study)
    print_table(study)
    write_text(folder / "table.csv", numbers.to_csv(index=False))
    write_text(folder / "table.md", markdown(readable(numbers)))
    return [folder / "table.csv", folder / "table.md"]


def print_table(study: Study) -> None:
    """Print the table for people; what tells rows apart stands below it, by number."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from nullfit.results.table import readable, study_table

    text = readable(study_table(study))
    notes: dict[str, int] = {}
    if "settings" in text:
        told = [note for note in text["settings"] if note]
        notes = {note: number for number, note in enumerate(dict.fromkeys(told), start=1)}
        text["settings"] = [notes.get(note, "") for note in text["settings"]]
    shown = Table(title=f"study {study.name}", title_justify="left", box=box.SIMPLE_HEAD)
    for column in map(str, text.columns):
        is_words = column in ("model", "data", "corruption")
        heading = _HEADINGS.get(column, column)
        shown.add_column(heading, justify="left" if is_words else "right", no_wrap=is_words)
    for row in text.itertuples(index=False):
        shown.add_row(*map(str, row))
    console = Console()
    if not console.is_terminal:  # a file has no edge that a table could run into
        console.width = max(console.width, console.measure(shown).maximum)
    console.print(shown)
    for note, number in notes.items():
        say(f"  settings {number}: {note}")
