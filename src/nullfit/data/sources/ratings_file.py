"""Ratings from a CSV file: a matrix, empty cells unobserved, or a list."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import torch

from nullfit.data.rating_matrix import RatingMatrix
from nullfit.data.sources.ratings_layout import Layout, list_layout
from nullfit.data.sources.ratings_list import read_list
from nullfit.data.sources.text_file import (
    decoded,
    first_rows,
    head_of,
    separator_name,
    separator_of,
)
from nullfit.errors import UserError

_CELLS_PER_BLOCK = 2**22
_UNOBSERVED = ["", "NA", "NaN", "nan"]
_FEW_COLUMNS = 5  # a matrix with no more may be a list that was not recognized


@dataclass(frozen=True)
class _Form:
    """How a matrix is written."""

    header: bool
    index: bool
    separator: str
    decimal: str
    encoding: str


def read_ratings(
    path: Path,
    header: bool,
    index: bool,
    *,
    layout: Layout | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
) -> RatingMatrix:
    """The ratings in a file; ``header`` and ``index`` say that line and column 1 hold names.

    Null is recognized: whether it is a list, what separates, the decimal mark, the encoding.

    Raises:
        UserError: the file is missing or unreadable, or a cell is neither empty nor a number.
    """
    try:
        head, encoding = head_of(path, encoding)
        found = list_layout(head, separator, layout, header, index)
        if layout == "list" and found is None:
            raise UserError(
                f"data.layout=list: the lines of {path} have no three fields, as many in each: "
                "user, item, rating."
            )
        chosen = found.separator if found else separator_of(head, separator)
        mark = decimal or _decimal_of(head, chosen)
        if found is not None:
            return read_list(path, found, mark, encoding)
        return _read_matrix(path, head, _Form(header, index, chosen, mark, encoding))
    except UnicodeError as error:
        decoded(path.read_bytes(), encoding, path)  # says which line is not in it
        raise UserError(f"data.path={path} cannot be read: {_reason(error)}.") from error
    except (ValueError, OSError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(
            f"data.path={path} cannot be read: {_reason(error)}.\n"
            "Give a CSV file with a matrix of numbers, empty cells unobserved, or a list of user, "
            "item, rating."
        ) from error


def _decimal_of(head: str, separator: str) -> str:
    return "," if separator != "," and "," in head and "." not in head else "."


def _read_matrix(path: Path, head: str, form: _Form) -> RatingMatrix:
    first = first_rows(head, form.separator, 1)
    width = len(first[0]) - form.index if first else 0
    blocks, height = [], 0
    for block in _blocks(path, width, form):
        seen = ~np.isnan(block)
        row, column = seen.nonzero()
        blocks.append((row + height, column, block[seen]))
        height += len(block)
    if not blocks:
        raise UserError(f"data.path={path} holds no rows.")
    parts = (np.concatenate(part) for part in zip(*blocks, strict=True))
    rows, columns, values = map(torch.from_numpy, parts)
    return RatingMatrix(
        (height, width), rows, columns, values, source=str(path), reading=_reading(form, width)
    )


def _reading(form: _Form, width: int) -> str:
    said = ["a matrix", f"separated by {separator_name(form.separator)}"]
    if form.decimal == ",":
        said.append("decimal commas")
    if 3 <= width <= _FEW_COLUMNS:
        said.append("data.layout=list if its lines are user, item, rating")
    return ", ".join(said)


def _blocks(path: Path, width: int, form: _Form) -> Iterator[np.ndarray]:
    options: dict[str, Any] = {
        "sep": form.separator,
        "decimal": form.decimal,
        "encoding": form.encoding,
        "header": None,
        "skiprows": int(form.header),
        "skip_blank_lines": False,
        "index_col": 0 if form.index else None,
        "dtype": dict.fromkeys(range(int(form.index), width + form.index), np.float64),
        "keep_default_na": False,
        "na_values": _UNOBSERVED,
        "chunksize": max(1, _CELLS_PER_BLOCK // max(width, 1)),
    }
    try:
        with pandas.read_csv(path, **options) as chunks:
            for chunk in chunks:
                yield chunk.to_numpy()
    except pandas.errors.EmptyDataError:
        return
    except UnicodeError:
        raise
    except (ValueError, OSError) as error:
        raise UserError(_complaint(path, form) or f"{path}: {_reason(error)}") from error


def _complaint(path: Path, form: _Form) -> str | None:
    """What is wrong with the first cell that is no number, or with the first line too long."""
    with path.open(encoding=form.encoding, newline="", errors="replace") as lines:
        width = None
        for number, line in enumerate(csv.reader(lines, delimiter=form.separator), start=1):
            width = len(line) if width is None else width
            if len(line) > width:
                return f"data.path={path}: line {number} has {len(line)} cells, line 1 has {width}."
            if form.header and number == 1:
                continue
            for column, cell in enumerate(line[int(form.index) :], start=1 + form.index):
                if not _is_rating(cell, form.decimal):
                    return _message(path, number, column, cell)
    return None


def _message(path: Path, line: int, column: int, cell: str) -> str:
    what = f"data.path={path}: {cell!r} in line {line}, column {column} is no number."
    if line == 1:
        return f"{what}\nIf the first line holds names, set data.header=true."
    if column == 1:
        return f"{what}\nIf the first column holds names, set data.index=true."
    return f"{what} Leave unobserved cells empty."


def _is_rating(cell: str, decimal: str) -> bool:
    try:
        float(cell.replace(decimal, "."))
    except ValueError:
        return cell in _UNOBSERVED
    return True


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).strip().partition("\n")[0]
