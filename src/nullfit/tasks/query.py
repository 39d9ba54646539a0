"""``task=query``: SQL over all runs."""

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.schema import RunConfig
from nullfit.console.messages import name_files, one_line, say, show
from nullfit.results.formats import no_formula, short
from nullfit.system.files import at_home, write_text

if TYPE_CHECKING:
    from nullfit.results.database import Answer


def query(config: RunConfig, folder: Path, *, sql: str, output: str | None) -> None:
    """Print the answer to ``sql`` over the tables ``runs``, ``epochs`` and ``results``.

    Tasks other than training have a table each, too. All tables hold all studies. The SQL is
    DuckDB's; it can reach no files.

    Raises:
        UserError: there is no finished run, or the SQL is wrong.
    """
    from nullfit.results.database import Database

    answer = Database(Path(config.outputs)).ask(sql)
    _show(answer)
    if output is not None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([map(no_formula, row) for row in (answer.columns, *answer.rows)])
        path = Path(at_home(output))
        write_text(path, text.getvalue())
        name_files([path])


def _show(answer: "Answer") -> None:
    """A table as wide as its content: nothing is cut off, even where it is piped or scrolled."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(answer.columns):
        numbers = all(isinstance(row[place], int | float | None) for row in answer.rows)
        table.add_column(one_line(name), justify="right" if numbers else "left", no_wrap=True)
    for row in answer.rows:
        table.add_row(*map(_cell, row))
    show(table, wide=True)
    say(f"{len(answer.rows)} row{'' if len(answer.rows) == 1 else 's'}")


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return short(value, 6) if isinstance(value, float) else str(value)
