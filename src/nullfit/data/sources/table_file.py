"""Read a CSV file for ``data=table``, and refuse what no network can be trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas
from pandas.io.common import get_handle

from nullfit.data.sources.table_numbers import Decimal, read_numbers
from nullfit.data.sources.table_rows import MISSING, Rows, read_rows
from nullfit.data.sources.text_file import (
    decoded,
    encoding_of,
    separator_name,
    separator_of,
    without_mark,
)
from nullfit.errors import UserError, nearest, override
from nullfit.system.files import at_home

_FEWEST_ROWS = 10
_NAMED = 3


@dataclass(frozen=True)
class FileFormat:
    """How a file is written; null is recognized. ``missing`` are texts that stand for no value."""

    separator: str | None = None
    decimal: Decimal | None = None
    encoding: str | None = None
    missing: Sequence[str] | None = None


@dataclass(frozen=True)
class TableFile:
    """The columns of a file by line, and how they were read.

    ``decimals`` are the decimal marks of columns that are written otherwise than in Python.
    ``nameless`` counts columns without name and value, ``empty_rows`` rows without value, which are
    left out.
    """

    frame: pandas.DataFrame
    encoding: str
    separator: str
    decimals: tuple[str, ...]
    missing: tuple[str, ...]
    nameless: int
    empty_rows: int


def read_file(
    path: str | None, target: str | None, drop: Sequence[str], form: FileFormat
) -> TableFile:
    """The columns of the file without the dropped ones; every value is there and finite.

    Raises:
        UserError: the file or the target is not given, missing or unreadable; a column to drop does
            not exist; values are missing; a column never changes; there are too few rows.
    """
    if path is None or target is None:
        lacking = "path" if path is None else "target"
        raise UserError(
            f"data=table needs data.path, a CSV file, and data.target, the column to predict; "
            f"data.{lacking} is not given.\n"
            f"For example: data=table {override('data.path', path or 'cars.csv')} data.target=price"
        )
    target, drop = target.strip(), [name.strip() for name in drop]
    place = Path(at_home(path))
    content = _content(place)
    text, marked = without_mark(decoded(content, form.encoding, place))
    separator = separator_of(text, marked if form.separator is None else form.separator)
    rows = read_rows(text, separator, place)
    missing = MISSING if form.missing is None else tuple(form.missing)
    everything = _parsed(rows, missing, path, separator)
    frame = everything.drop(columns=_nameless(everything))
    for key, names in (("target", [target]), ("drop", drop)):
        _refuse_unknown(frame, key, names, path)
    if target in drop:
        raise UserError(f"data.drop names {target}, which is data.target; leave it out of one.")
    if len(frame) < _FEWEST_ROWS:
        raise UserError(f"{path} has {len(frame)} rows; a table needs at least {_FEWEST_ROWS}.")
    frame, decimals = read_numbers(frame.drop(columns=drop), rows.written, form.decimal)
    _refuse_missing(frame, target, rows, drop)
    _refuse_constant(frame.drop(columns=target), drop)
    return TableFile(
        frame,
        form.encoding or encoding_of(content),
        separator,
        decimals,
        missing,
        everything.shape[1] - frame.shape[1] - len(drop),
        rows.empty,
    )


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise UserError(f"data.path={path} is a folder: name the CSV file in it.")
    if not path.is_file():
        raise UserError(
            f"data.path={path}: there is no such file; paths start where the command is started."
        )
    try:
        with get_handle(path, "rb", compression="infer", is_text=False) as opened:
            content: bytes = opened.handle.read()
            return content
    except (ValueError, OSError, EOFError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(f"data.path={path} cannot be read as CSV: {reason}") from error


def _parsed(rows: Rows, missing: tuple[str, ...], path: str, separator: str) -> pandas.DataFrame:
    frame = rows.frame(missing)
    if frame.shape[1] < 2:
        raise UserError(
            f"data.path={path} has one column only, {str(frame.columns[0])!r}: it needs the target "
            "and at least one input.\n"
            f"No field ends with data.separator={separator_name(separator)}: name what does."
        )
    return frame


def _nameless(frame: pandas.DataFrame) -> list[str]:
    """Columns without a name and without a value, as spreadsheets leave them."""
    empty = frame.columns[frame.isna().all() & frame.columns.str.startswith("Unnamed: ")]
    return list(empty)


def _refuse_unknown(
    frame: pandas.DataFrame, key: str, names: Sequence[str], path: str | Path
) -> None:
    for name in names:
        if name not in frame.columns:
            raise UserError(
                f"data.{key}={name}: {path} has no such column."
                + nearest(name, frame.columns, "data.target=" if key == "target" else "")
            )


def _refuse_missing(frame: pandas.DataFrame, target: str, rows: Rows, drop: Sequence[str]) -> None:
    """Name the columns, what was taken for missing in them, and how such a text becomes a level."""
    absent = frame.isna() | np.isinf(frame.select_dtypes("number")).reindex(
        columns=frame.columns, fill_value=False
    )
    names = list(frame.columns[absent.any()])
    if not names:
        return
    shown = names[: 4 * _NAMED]
    texts_of = rows.written(shown)
    written = {name: texts_of[name][absent[name]] for name in shown}
    columns = _named([_told(name, written.get(name), absent[name]) for name in names])
    inputs = [name for name in names if name != target]
    ways = ["Fill them in or delete those rows"]
    if inputs:
        what = "the column" if len(inputs) == 1 else f"these {len(inputs)} columns"
        ways.append(f"leave {what} out: {override('data.drop', [*drop, *inputs])}")
    if texts := _levels(frame, written):
        kept = sorted({text for each in written.values() for text in each} - {"", *texts})
        ways.append(f"keep {_quoted(texts)} as a level: {override('data.missing', kept)}")
    raise UserError(f"values are missing or infinite in {columns}.\n{', or '.join(ways)}.")


def _told(name: str, written: pandas.Series | None, absent: pandas.Series) -> str:
    if written is None:
        return name
    texts = ", ".join(repr(text) if text else "empty" for text in written.unique()[:_NAMED])
    return f"{name} ({int(absent.sum())}: {texts}, first in line {written.index[0]})"


def _levels(frame: pandas.DataFrame, written: dict[str, pandas.Series]) -> list[str]:
    """The texts that would be levels: those in columns of text, and in none of numbers."""
    found: set[str] = set()
    of_numbers = {""}
    for name, texts in written.items():
        known = frame[name].dropna()
        numbers = pandas.to_numeric(known.astype(str).str.replace(",", "."), errors="coerce")
        if numbers.notna().mean() < 1 / 2:
            found |= set(texts)
        else:
            of_numbers |= set(texts)
    return sorted(found - of_numbers)


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join(map(repr, texts[:_NAMED])) + (" …" if len(texts) > _NAMED else "")


def _refuse_constant(inputs: pandas.DataFrame, drop: Sequence[str]) -> None:
    constant = [name for name in inputs.columns if inputs[name].nunique() < 2]
    if constant:
        raise UserError(
            f"columns that never change tell nothing: {_named(constant)}.\n"
            f"Leave them out: {override('data.drop', [*drop, *constant])}."
        )
    if inputs.shape[1] == 0:
        raise UserError("data.drop leaves no input: keep at least one column beside data.target.")


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(map(str, list(names)[: 4 * _NAMED]))
    more = len(names) - 4 * _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
