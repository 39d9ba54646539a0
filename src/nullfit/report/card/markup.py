"""Markdown of texts that may be a stranger's: nothing in them is markup."""

from collections.abc import Iterable, Mapping, Sequence

import pandas

from nullfit.console.messages import one_line
from nullfit.results.formats import markdown, markdown_text

MOST_ROWS = 100  # of a table: a card is read from top to bottom


def text(value: object) -> str:
    """A text within a line of ours."""
    return markdown_text(one_line(" ".join(str(value).split())))


def table(rows: Sequence[Mapping[str, object]] | pandas.DataFrame) -> str:
    """A table, and how many rows it has no room for; empty without rows."""
    frame = pandas.DataFrame(rows)
    if not len(frame):
        return ""
    shown = frame.head(MOST_ROWS).map(one_line).rename(columns=one_line)
    left = len(frame) - len(shown)
    return markdown(shown) + (f"\n{left:,} more rows are left out.\n" if left else "")


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
