"""Measurements as a table on the terminal, as Markdown, and as complaints."""

import statistics
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from measurement import Measurement
from targets import digits, told

_COLUMNS = ("what", "comparison", "median (range)", "n", "ours / theirs", "target", "")
_PRINTED_WIDTH = 140  # in a file or a log


def show(found: Sequence[Measurement]) -> None:
    """Print a table."""
    table = Table(*_COLUMNS)
    for each in found:
        style = None if each.met else "bold red"
        table.add_row(*(cell.strip("*").replace("`", "") for cell in _row(each)), style=style)
    console = Console()
    console = console if console.is_terminal else Console(width=_PRINTED_WIDTH)
    console.print(table)


def markdown(found: Sequence[Measurement]) -> str:
    """The same table for the documentation."""
    lines = [_COLUMNS, ["---"] * len(_COLUMNS), *map(_row, found)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def missed(found: Sequence[Measurement]) -> list[str]:
    """A line for each target that is missed, with the figure."""
    return [
        f"MISSED {each.name}: {_figure(each)}, n = {len(each.figures)}, target {each.target}: "
        f"{each.target.what} against {each.target.against}"
        for each in found
        if not each.met
    ]


def _row(each: Measurement) -> list[str]:
    target = each.target
    verdict = "" if target.limit is None else "met" if each.met else "**missed**"
    what = f"{target.what} ({each.note})" if each.note else target.what
    n = str(len(each.figures))
    return [what, target.against, _figure(each), n, _seconds(each), str(target), verdict]


def _figure(each: Measurement) -> str:
    unit = each.target.unit
    return f"{told(each.median, unit)} ({digits(min(each.figures))}–{digits(max(each.figures))})"


def _seconds(each: Measurement) -> str:
    """The medians behind a ratio."""
    if not each.theirs:
        return "–"
    return " / ".join(_time(statistics.median(seconds)) for seconds in (each.ours, each.theirs))


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
