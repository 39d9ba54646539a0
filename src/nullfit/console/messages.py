"""What the command line says to its reader."""

import logging
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table


_said: set[str] = set()  # of warnings
# What moves the cursor, ends a line or turns the direction of text: escapes, and half characters.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def number_of(count: int, thing: str) -> str:
    """``1 thread``, ``2,000 threads``."""
    return f"{count:,} {thing}{'s' * (count != 1)}"


def one_line(text: object) -> str:
    """A name from a file, as it may be shown: no character in it does anything to a terminal."""
    return _HIDDEN.sub(_escape, str(text))


def visible(text: str) -> str:
    """The same of a text of ours, which may have several lines."""
    return "\n".join(map(one_line, text.split("\n")))


def _escape(found: "re.Match[str]") -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def say(text: str) -> None:
    """A text on standard output."""
    _out().print(visible(text))


def name_files(paths: Iterable[Path]) -> None:
    """Name the files that a task wrote."""
    for path in paths:
        say(f"  wrote {one_line(path)}")


def show(table: "Table", *, wide: bool = False) -> None:
    """A table on standard output, in which nothing is cut off and every cell is one line.

    A terminal folds what does not fit, unless the table is to be ``wide``. A file has no edge.
    """
    _make_visible(table)
    console = _console()
    needed = _width(table, console)
    if needed > console.width and (wide or not console.is_terminal):
        console.width = needed
    for column in table.columns:
        column.overflow = "fold"
        column.no_wrap &= needed <= console.width  # such a column is cropped where it must shrink
    console.print(table)


def fits(table: "Table") -> bool:
    """Whether a terminal is wide enough for a table; anything else than a terminal is."""
    console = _out()
    return not console.is_terminal or _width(table, console) <= console.width


def _width(table: "Table", console: "Console") -> int:
    """The cells that a table takes where there is room for all of it."""
    from rich.measure import Measurement  # noqa: PLC0415

    return Measurement.get(console, console.options.update(width=10**6), table).maximum


def warn(text: str) -> None:
    """What the reader should know, on standard error; once in a command, not for each job."""
    if _is_new(text):
        print(f"nullfit: {visible(text)}", file=sys.stderr)


def begin_anew() -> None:
    """A command begins: what was said before may be said again, by log messages as well."""
    _said.clear()
    if logging.lastResort is not None and _is_new_record not in logging.lastResort.filters:
        logging.lastResort.addFilter(_is_new_record)


def _is_new(text: str) -> bool:
    new = text not in _said
    _said.add(text)
    return new


def _is_new_record(record: logging.LogRecord) -> bool:
    return _is_new(record.getMessage())


def show_traceback(error: BaseException) -> None:
    """Where an error that is nobody's to mend but ours came from, on standard error."""
    print(visible("".join(traceback.format_exception(error))), end="", file=sys.stderr)


def _make_visible(table: "Table") -> None:
    table.title = None if table.title is None else one_line(table.title)
    for column in table.columns:
        column.header = _shown(column.header, visible)
        column._cells = [_shown(cell, one_line) for cell in column.cells]  # there is no other way


def _shown(cell: "RenderableType", escaped: Callable[[str], str]) -> "RenderableType":
    """Text of a cell; what is text already for Rich has no styles in nullfit."""
    return escaped(str(cell))


@cache
def _out() -> "Console":
    return _console(soft_wrap=True)


def _console(*, soft_wrap: bool = False) -> "Console":
    """Standard output. Names from files and settings are no markup."""
    from rich.console import Console  # noqa: PLC0415 - `--help` must not pay for it

    class Output(Console):
        def on_broken_pipe(self) -> None:
            """Go on: a training does not end because its reader did."""
            read_no_more()

    return Output(
        soft_wrap=soft_wrap, highlight=False, markup=False, emoji=False, force_jupyter=False
    )


def read_no_more() -> None:
    """Say nothing on standard output any more: its reader left, as ``| head`` does."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
