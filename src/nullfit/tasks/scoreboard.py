"""``task=scoreboard``: a study beside the published numbers."""

from pathlib import Path
from typing import TYPE_CHECKING

from nullfit.config.schema import RunConfig
from nullfit.console.messages import name_files, one_line, say, show
from nullfit.results.study import read_study
from nullfit.results.unfinished import say_unfinished
from nullfit.system.files import write_text

if TYPE_CHECKING:
    import pandas

_NUMBERS = ("published", "ours", "n", "difference")


def scoreboard(config: RunConfig, folder: Path) -> None:
    """Print published numbers beside the study's own; write CSV and Markdown.

    Rows whose data, epochs or settings were not the published ones are dimmed and marked with ≠
    and a note that says what was not. Where that goes for all of them, one line says it.

    Raises:
        UserError: the study does not exist or has no finished run.
    """
    from nullfit.results.formats import csv_text, markdown
    from nullfit.results.published import scoreboard as results

    study = read_study(config.outputs, config.study)
    numbers = results.usable_scoreboard(study)
    if numbers.empty:
        say(f"study {study.name}: no published number belongs to any of its settings.")
        return
    text = results.readable(numbers)
    same = int(numbers["same_setup"].sum())
    if same:
        _print(text)
        say(f"study {study.name}: {same} of {len(numbers)} comparisons have the published setup.")
    else:
        say(
            f"study {study.name}: nothing to compare, since none of the {len(numbers)} published "
            "numbers has its setup; scoreboard.md says what differs in each."
        )
    write_text(folder / "scoreboard.csv", csv_text(numbers))
    write_text(folder / "scoreboard.md", markdown(text))
    name_files([folder / "scoreboard.csv", folder / "scoreboard.md"])
    say_unfinished(study, "not compared")


def _print(text: "pandas.DataFrame") -> None:
    """A table for each source; remarks stand once, at the end."""
    from rich.table import Table

    notes = {remark: place for place, remark in enumerate(filter(None, text["remark"].unique()), 1)}
    for source, rows in text.groupby("source", sort=False):
        shown = Table(title=str(source), title_justify="left")
        for column in ("quantity", "setting", *_NUMBERS):
            is_number = column in _NUMBERS
            shown.add_column(column, justify="right" if is_number else "left", no_wrap=is_number)
        shown.add_column("note", no_wrap=True)
        for row in rows.to_dict("records"):
            differs = row["same setup"] == "NO"
            mark = ("≠ " if differs else "") + str(notes.get(row["remark"], ""))
            cells = [str(row[c]) for c in ("quantity", "setting", *_NUMBERS)]
            shown.add_row(*cells, mark, style="dim" if differs else None)
        show(shown)
    for remark, place in notes.items():
        say(f"{place}: {one_line(remark)}")
