"""Ratings from a CSV file: a matrix, empty cells unobserved."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import torch

from nullfit.data.rating_matrix import RatingMatrix
from nullfit.errors import UserError

_CELLS_PER_BLOCK = 2**22
_UNOBSERVED = ["", "NA", "NaN", "nan"]


def read_ratings(path: Path, header: bool, index: bool) -> RatingMatrix:
    """The matrix in a file; ``header`` and ``index`` say that line and column 1 hold names.

    Raises:
        UserError: the file is missing or unreadable, or a cell is neither empty nor a number.
    """
    blocks, height = [], 0
    width = _width(path, index)
    for block in _blocks(path, width, header, index):
        seen = ~np.isnan(block)
        row, column = seen.nonzero()
        blocks.append((row + height, column, block[seen]))
        height += len(block)
    if not blocks:
        raise UserError(f"data.path={path} holds no rows.")
    parts = (np.concatenate(part) for part in zip(*blocks, strict=True))
    rows, columns, values = map(torch.from_numpy, parts)
    return RatingMatrix((height, width), rows, columns, values, source=str(path))


def _width(path: Path, index: bool) -> int:
    """The number of columns of ratings, from the first line."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            first = next(csv.reader(lines), [])
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"data.path={path} cannot be read: {_reason(error)}.\n"
            "Give a CSV file that holds a matrix of numbers, empty cells unobserved."
        ) from error
    return len(first) - index


def _blocks(path: Path, width: int, header: bool, index: bool) -> Iterator[np.ndarray]:
    options: dict[str, Any] = {
        "header": None,
        "skiprows": int(header),
        "skip_blank_lines": False,
        "index_col": 0 if index else None,
        "dtype": dict.fromkeys(range(int(index), width + index), np.float64),
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
    except (ValueError, OSError) as error:
        raise UserError(_complaint(path, header, index) or f"{path}: {_reason(error)}") from error


def _complaint(path: Path, header: bool, index: bool) -> str | None:
    """What is wrong with the first cell that is no number, or with the first line too long."""
    with path.open(encoding="utf-8", newline="", errors="replace") as lines:
        width = None
        for number, line in enumerate(csv.reader(lines), start=1):
            width = len(line) if width is None else width
            if len(line) > width:
                return f"data.path={path}: line {number} has {len(line)} cells, line 1 has {width}."
            if header and number == 1:
                continue
            for column, cell in enumerate(line[int(index) :], start=1 + index):
                if not _is_rating(cell):
                    return _message(path, number, column, cell)
    return None


def _message(path: Path, line: int, column: int, cell: str) -> str:
    what = f"data.path={path}: {cell!r} in line {line}, column {column} is no number."
    if line == 1:
        return f"{what}\nIf the first line holds names, set data.header=true."
    if column == 1:
        return f"{what}\nIf the first column holds names, set data.index=true."
    return f"{what} Leave unobserved cells empty."


def _is_rating(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell in _UNOBSERVED
    return True


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).strip().partition("\n")[0]
