"""``task=query``: SQL over all runs."""

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.schema import RunConfig
from nullfit.console.messages import fits, name_files, one_line, say, show
from nullfit.results.formats import no_formula, short
from nullfit.system.files import at_home, write_text

if TYPE_CHECKING:
    from nullfit.results.database import Answer

_NOTHING = "–"
_MANY = 10  # columns, from which on one wants to see fewer


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
    """A table as wide as its content: nothing is cut off, even where it is piped or scrolled.

    On a terminal that is narrower each row is a list of its values. Of many columns those that
    hold nothing are left out, such as what other studies measured.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    places = list(range(len(answer.columns)))
    if len(answer.columns) > _MANY and answer.rows:
        places = [n for n in places if any(_cell(row[n]) != _NOTHING for row in answer.rows)]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place in places:
        numbers = all(isinstance(row[place], int | float | None) for row in answer.rows)
        name = one_line(answer.columns[place])
        table.add_column(name, justify="right" if numbers else "left", no_wrap=True)
    for row in answer.rows:
        table.add_row(*(_cell(row[place]) for place in places))
    if fits(table):
        show(table, wide=True)
    else:
        for number, row in enumerate(answer.rows, start=1):
            _show_row(number, {answer.columns[place]: _cell(row[place]) for place in places})
    empty = len(answer.columns) - len(places)
    left_out = f"; {empty} columns hold nothing and are left out" if empty else ""
    say(f"{len(answer.rows)} row{'' if len(answer.rows) == 1 else 's'}{left_out}")


def _show_row(number: int, cells: dict[str, str]) -> None:
    say(f"row {number}")
    width = max(map(len, cells))
    for name, cell in cells.items():
        say(f"  {one_line(name):<{width}}  {one_line(cell)}")


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return _NOTHING
    return short(value, 6) if isinstance(value, float) else str(value)
