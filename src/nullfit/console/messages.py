"""What the command line says to its reader."""

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def say(text: str) -> None:
    """One line on standard output."""
    _out().print(text)


def name_files(paths: Iterable[Path]) -> None:
    """Name the files that a task wrote."""
    for path in paths:
        say(f"  wrote {path}")


def show(table: "Table", *, wide: bool = False) -> None:
    """A table on standard output, in which nothing is cut off.

    A terminal folds what does not fit, unless the table is to be ``wide``. A file has no edge.
    """
    from rich.console import Console  # noqa: PLC0415
    from rich.measure import Measurement  # noqa: PLC0415

    console = Console(highlight=False, markup=False, emoji=False)
    boundless = console.options.update(width=10**6)
    needed = Measurement.get(console, boundless, table).maximum
    if needed > console.width and (wide or not console.is_terminal):
        console.width = needed
    for column in table.columns:
        column.overflow = "fold"
        column.no_wrap &= needed <= console.width  # such a column is cropped where it must shrink
    console.print(table)


def warn(text: str) -> None:
    """What the reader should know, on standard error."""
    print(f"nullfit: {text}", file=sys.stderr)


@cache
def _out() -> "Console":
    from rich.console import Console  # noqa: PLC0415 - `--help` must not pay for it

    # Names from files and settings are no markup.
    return Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
