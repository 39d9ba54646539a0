"""Markdown of texts that may be a stranger's: nothing in them is markup."""

from collections.abc import Iterable, Mapping, Sequence

import pandas

from nullfit.console.messages import one_line
from nullfit.results.formats import markdown, markdown_text

MOST_ROWS, MOST_COLUMNS = 100, 40  # of a table: a card is read from top to bottom


def text(value: object) -> str:
    """A text within a line of ours."""
    return markdown_text(one_line(" ".join(str(value).split())))


def table(rows: Sequence[Mapping[str, object]] | pandas.DataFrame) -> str:
    """A table, and how many rows and columns it has no room for; empty without rows."""
    frame = pandas.DataFrame(rows)
    if not len(frame):
        return ""
    shown = frame.iloc[:MOST_ROWS, :MOST_COLUMNS].map(one_line).rename(columns=one_line)
    left = {"rows": len(frame) - MOST_ROWS, "columns": len(frame.columns) - MOST_COLUMNS}
    notes = [
        f"\n{number:,} more {what} are left out.\n" for what, number in left.items() if number > 0
    ]
    return markdown(shown) + "".join(notes)


def bullets(lines: Iterable[str]) -> str:
    """A list of texts that are Markdown."""
    found = list(lines)
    shown = [f"- {line}" for line in found[:MOST_ROWS]]
    left = len(found) - len(shown)
    return "\n".join([*shown, *([f"- {left:,} more"] if left else [])])


def fenced(lines: Iterable[str]) -> str:
    """Commands as they are."""
    shown = [one_line(line) for line in lines]
    fence = "```"
    while any(fence in line for line in shown):
        fence += "`"
    return "\n".join([f"{fence}sh", *shown, fence])


def section(title: str, *blocks: str) -> str:
    """A section of those blocks that have anything in them."""
    return "\n\n".join([f"## {title}", *(block.strip("\n") for block in blocks if block)])
