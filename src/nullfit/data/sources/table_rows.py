"""The rows of a table's text as its heading has them; what is not as wide is refused."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas

from nullfit.errors import UserError

# What pandas takes for missing where nothing else is said.
MISSING = (
    *("NA", "N/A", "n/a", "<NA>", "#N/A", "#N/A N/A", "#NA", "NaN", "nan", "-NaN", "-nan"),
    *("None", "NULL", "null", "-1.#IND", "1.#IND", "-1.#QNAN", "1.#QNAN"),
)


@dataclass(frozen=True)
class Rows:
    """The rows of a file as lines of CSV with a heading, every field without blanks around it.

    ``lines`` are where they stand in the file, counted from 1. ``empty`` counts the rows without
    any value, which are left out.
    """

    text: str
    lines: tuple[int, ...]
    empty: int

    def frame(self, missing: tuple[str, ...]) -> pandas.DataFrame:
        """The columns as pandas reads them, by line; such texts and empty fields are missing."""
        frame = pandas.read_csv(
            io.StringIO(self.text),
            na_values=["", *missing],
            keep_default_na=False,
            index_col=False,
            skip_blank_lines=False,
            low_memory=False,
        )
        return frame.set_axis(pandas.Index(self.lines), axis="index").rename(columns=str)

    def written(self, columns: list[str]) -> pandas.DataFrame:
        """Some columns as they are written, by line."""
        frame = pandas.read_csv(
            io.StringIO(self.text),
            usecols=columns,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
        )
        return frame.set_axis(pandas.Index(self.lines), axis="index")


def read_rows(text: str, separator: str, path: Path) -> Rows:
    """Each row has as many fields as the heading, but for empty ones at its end.

    Raises:
        UserError: a row has more or fewer fields, two columns have one name, or there is no
            heading.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    lines: list[int] = []
    empty = 0
    records = _records(text, separator, path)
    at, heading = next(records, (0, []))
    named = _filled(heading)
    if not named:
        raise UserError(f"data.path={path} cannot be read as CSV: it has no heading in line 1.")
    _refuse_equal(heading, path)
    width = len(heading)
    writer.writerow(heading)
    for line, row in records:
        filled = _filled(row)
        if not filled:
            empty += 1
            continue
        if filled > width or len(row) < named:
            raise _uneven(path, line, row, at, heading, separator)
        writer.writerow((row + [""] * width)[:width])
        lines.append(line)
    return Rows(buffer.getvalue(), tuple(lines), empty)


def _records(text: str, separator: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each record with its line; blanks around a field are no part of it. Blank lines are none."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != " "
    )
    line = 1
    try:
        for row in reader:
            if row:
                yield line, [field.strip() for field in row]
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"data.path={path} cannot be read as CSV: {error}, from line {line} on.\n"
            "Does a quotation mark begin there that does not end?"
        ) from error


def _filled(row: list[str]) -> int:
    return next((at for at in range(len(row), 0, -1) if row[at - 1]), 0)


def _refuse_equal(heading: list[str], path: Path) -> None:
    for place, name in enumerate(heading):
        if name and name in heading[:place]:
            first = heading.index(name)
            raise UserError(
                f"data.path={path}: columns {first + 1} and {place + 1} have the same name, "
                f"{name!r}.\nName them differently in the heading."
            )


def _uneven(
    path: Path, line: int, row: list[str], at: int, heading: list[str], separator: str
) -> UserError:
    hint = (
        "Mend that row; a field with the separator in it needs quotation marks."
        if separator != "," or len(row) <= len(heading)
        else "Mend that row; fields with commas in them (0,5) need quotation marks, or another "
        "separator."
    )
    return UserError(
        f"data.path={path} cannot be read as CSV: line {line} has {len(row)} fields, the heading "
        f"(line {at}) has {len(heading)}.\n{hint}"
    )
