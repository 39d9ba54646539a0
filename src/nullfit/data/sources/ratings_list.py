"""Ratings from a list with a line for each: user, item, rating, and what is left out."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import torch

from nullfit.data.rating_matrix import RatingMatrix
from nullfit.data.sources.ratings_layout import DOUBLE_COLON, ListLayout
from nullfit.data.sources.text_file import separator_name
from nullfit.errors import UserError


def read_list(path: Path, layout: ListLayout, decimal: str, encoding: str) -> RatingMatrix:
    """The matrix of a list: users and items in the order of their identifiers.

    A line without a rating observes nothing.

    Raises:
        UserError: a rating is no number, an identifier is missing, or a pair is rated twice.
        ValueError, OSError: the file cannot be read.
    """
    frame = _frame(path, layout, decimal, encoding)
    users, items = frame[layout.user], frame[layout.item]
    if users.isna().any() or items.isna().any():
        raise UserError(f"data.path={path}: a rating has no user or no item. Mend or delete it.")
    row_names, rows = np.unique(users.to_numpy(), return_inverse=True)
    column_names, columns = np.unique(items.to_numpy(), return_inverse=True)
    order = np.lexsort((columns, rows))
    rows, columns = rows[order].astype(np.int64), columns[order].astype(np.int64)
    again = np.flatnonzero((np.diff(rows) == 0) & (np.diff(columns) == 0))
    if len(again):
        raise UserError(
            f"data.path={path}: {row_names[rows[again[0]]]} rates {column_names[columns[again[0]]]}"
            f" more than once, as {len(again):,} lines do that repeat a pair.\n"
            "Keep one line of each user and item."
        )
    return RatingMatrix(
        (len(row_names), len(column_names)),
        torch.from_numpy(rows),
        torch.from_numpy(columns),
        torch.from_numpy(frame[layout.rating].to_numpy(np.float64)[order]),
        source=str(path),
        reading=_reading(layout, decimal),
        row_names=row_names,
        column_names=column_names,
    )


def _frame(path: Path, layout: ListLayout, decimal: str, encoding: str) -> pandas.DataFrame:
    # Every second field is empty where two colons separate, and the fast parser takes one.
    step = 2 if layout.separator == DOUBLE_COLON else 1
    places = [step * place for place in layout.columns]
    options: dict[str, Any] = {
        "sep": layout.separator[0],
        "header": None,
        "skiprows": int(layout.has_heading),
        "usecols": places,
        "skipinitialspace": layout.separator != " ",
        "decimal": decimal,
        "encoding": encoding,
        "dtype": {step * layout.rating: np.float64},
        "keep_default_na": False,
        "na_values": {place: [""] for place in places},
        "low_memory": False,
    }
    frame = pandas.read_csv(path, **options).rename(columns=lambda place: int(place) // step)
    return frame[frame[layout.rating].notna()]


def _reading(layout: ListLayout, decimal: str) -> str:
    """What was read as what."""
    user, item, rating = (layout.names[place] for place in layout.columns)
    said = [f"a list of {rating} by {user} (rows) and {item} (columns)"]
    if layout.left_out:
        said.append(f"{', '.join(layout.left_out)} left out")
    said.append(f"separated by {separator_name(layout.separator)}")
    return ", ".join(said + (["decimal commas"] if decimal == "," else []))
