"""What the command line says to its reader."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

# Names from files and settings are no markup.
_OUT = Console(soft_wrap=True, highlight=False, markup=False)


def say(text: str) -> None:
    """One line on standard output."""
    _OUT.print(text)


def name_files(paths: Iterable[Path]) -> None:
    """Name the files that a task wrote."""
    for path in paths:
        say(f"  wrote {path}")


def show(table: Table) -> None:
    """A table on standard output."""
    _OUT.print(table)


def warn(text: str) -> None:
    """What the reader should know, on standard error."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"nullfit: {text}", markup=False)
