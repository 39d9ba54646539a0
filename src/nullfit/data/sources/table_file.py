"""Read a CSV file for ``data=table``, and refuse what no network can be trained on."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas

from nullfit.errors import UserError, nearest

_FEWEST_ROWS = 10
_NAMED = 3


def read_frame(
    path: str | None, target: str | None, drop: Sequence[str], separator: str
) -> pandas.DataFrame:
    """The columns of the file without the dropped ones; every value is there and finite.

    Raises:
        UserError: the file or the target is not given, missing or unreadable; a column to drop does
            not exist; values are missing; a column never changes; there are too few rows.
    """
    if path is None or target is None:
        lacking = "path" if path is None else "target"
        raise UserError(
            f"data=table needs data.path and data.target; data.{lacking} is not given.\n"
            "For example: data=table data.path=cars.csv data.target=price"
        )
    frame = _parsed(Path(path), separator)
    for key, names in (("target", [target]), ("drop", drop)):
        _refuse_unknown(frame, key, names, path)
    if target in drop:
        raise UserError(f"data.drop names {target}, which is data.target; leave it out of one.")
    if len(frame) < _FEWEST_ROWS:
        raise UserError(f"{path} has {len(frame)} rows; a table needs at least {_FEWEST_ROWS}.")
    frame = frame.drop(columns=list(drop))
    _refuse_missing(frame, target)
    _refuse_constant(frame.drop(columns=target))
    return frame


def _parsed(path: Path, separator: str) -> pandas.DataFrame:
    if path.is_dir():
        raise UserError(f"data.path={path} is a folder: name the CSV file in it.")
    if not path.is_file():
        raise UserError(
            f"data.path={path}: there is no such file; paths start where the command is started."
        )
    if len(separator.replace("\\t", "\t")) != 1:
        raise UserError(
            f"data.separator={separator!r} is not allowed: it must be one character, such as "
            "',' or ';', or '\\t' for tabs."
        )
    try:
        frame = pandas.read_csv(path, sep=separator.replace("\\t", "\t"))
    except (pandas.errors.ParserError, pandas.errors.EmptyDataError, ValueError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(f"data.path={path} cannot be read as CSV: {reason}") from error
    if frame.shape[1] < 2:
        raise UserError(
            f"data.path={path} has one column only, {str(frame.columns[0])!r}: it needs the target "
            f"and at least one input.\nAre its fields separated by data.separator={separator!r}?"
        )
    return frame.rename(columns=str)


def _refuse_unknown(
    frame: pandas.DataFrame, key: str, names: Sequence[str], path: str | Path
) -> None:
    for name in names:
        if name not in frame.columns:
            raise UserError(
                f"data.{key}={name}: {path} has no such column."
                + nearest(name, frame.columns, f"data.{key}=")
            )


def _refuse_missing(frame: pandas.DataFrame, target: str) -> None:
    numbers = frame.select_dtypes("number")
    missing = frame.isna().sum()
    missing = missing.add(np.isinf(numbers).sum(), fill_value=0).astype(int)
    missing = missing[missing > 0]
    if len(missing):
        columns = _named([f"{name} ({count})" for name, count in missing.items()])
        inputs = [name for name in missing.index if name != target]
        drop = f", or leave the column out: 'data.drop=[{inputs[0]}]'" if inputs else ""
        raise UserError(
            f"values are missing or infinite in {columns}.\n"
            f"Fill them in or delete those rows{drop}."
        )


def _refuse_constant(inputs: pandas.DataFrame) -> None:
    constant = [name for name in inputs.columns if inputs[name].nunique() < 2]
    if constant:
        raise UserError(
            f"columns that never change tell nothing: {_named(constant)}.\n"
            f"Leave them out: 'data.drop=[{','.join(constant)}]'."
        )
    if inputs.shape[1] == 0:
        raise UserError("data.drop leaves no input: keep at least one column beside data.target.")


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(map(str, list(names)[: 4 * _NAMED]))
    more = len(names) - 4 * _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
