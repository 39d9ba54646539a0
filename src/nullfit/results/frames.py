"""Data frames of results and of metrics.csv, with the types that a database takes."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas

from nullfit.console.messages import warn
from nullfit.errors import UserError
from nullfit.results.metrics_file import metrics_text
from nullfit.results.result import METRICS
from nullfit.results.rows import column

_LARGEST_COUNT = 2**53  # up to which a float is a whole number for certain
# The columns of a run that each of its rows in `epochs` has.
_OF_RUN = ("study", "job", "model", "data", "corruption", "probability", "seed", "config_hash")


def result_frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    """Whole numbers stay whole where some are missing, and 1.0 stays a fraction."""
    frame = pandas.DataFrame(rows, dtype=object)
    return frame.astype({name: _type([row.get(name) for row in rows]) for name in frame})


def _type(values: list[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "Int64"
    return "Float64" if kinds <= {int, float} else "string"


def epoch_frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    """The rows of all metrics.csv; what a file has no column for is null."""
    frame = pandas.DataFrame([line for row in rows for line in _lines(row)])
    frame = frame.reindex(columns=list(dict.fromkeys([*_OF_RUN, "epoch", "step", *frame])))
    numbers = [name for name in frame if name not in _OF_RUN or name == "probability"]
    frame[numbers] = frame[numbers].apply(pandas.to_numeric, errors="coerce")
    counted = frame[["epoch", "step"]].astype(float)
    frame[["epoch", "step"]] = counted.where((counted % 1 == 0) & (counted.abs() < _LARGEST_COUNT))
    whole = dict.fromkeys(("seed", "epoch", "step"), "Int64")
    return frame.astype({**whole, "probability": "Float64"})


def _lines(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of a run's metrics.csv but for one that was cut off."""
    header, *content = _metrics(Path(row["folder"])) or [[]]
    names = [column(name) for name in header]
    of_run = {name: row.get(name) for name in _OF_RUN}
    for line in content:
        if len(line) == len(names):
            yield {**dict(zip(names, line, strict=True)), **of_run}


def _metrics(folder: Path) -> list[list[str]]:
    """The lines of metrics.csv; none where there is no such file that can be read."""
    try:
        return list(csv.reader(io.StringIO(metrics_text(folder), newline="")))
    except FileNotFoundError:
        return []
    except (UserError, csv.Error) as error:
        warn(f"left out: {folder / METRICS} ({error})")
        return []
