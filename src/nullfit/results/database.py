"""All runs below ``outputs/`` as tables for SQL: ``runs``, ``epochs``, ``results``, and by task."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas

from nullfit.console.messages import warn
from nullfit.errors import UserError, command, nearest
from nullfit.results.job_folders import finished_folders
from nullfit.results.metrics_file import metrics_text
from nullfit.results.result import METRICS, Result, read_result
from nullfit.results.rows import column, result_row, with_settings
from nullfit.results.study import is_superseded, note_of_superseded, read_config

_MOST_COLUMNS = 1000
_LARGEST_COUNT = 2**53  # up to which a float is a whole number for certain
# Names are the same to DuckDB whatever their case.
_OWN_TABLE = re.compile(r"[a-z][a-z0-9_]*")
# From files, extensions and variables of this process; the last one makes it final.
_SEALED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}
# The columns of a run that each of its rows in `epochs` has.
_OF_RUN = ("study", "job", "model", "data", "corruption", "probability", "seed", "config_hash")


@dataclass(frozen=True)
class Answer:
    """What a statement gave: the names of its columns, and rows of Python values."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


class Database:
    """An in-memory DuckDB with all finished runs of a folder, or of one study in it.

    It can reach nothing else.

    ``runs`` has a row for each finished training, ``epochs`` one for each row of their
    metrics.csv, and ``results`` one for each result.json of whatever task. The results of each
    task but training also stand in a table of its name, with no column of another task. Columns
    have the names of result.json and metrics.csv with ``_`` for ``/`` and ``.``; lists of lists
    and of fields are left out. ``runs`` has each setting that differs within a study, too, by the
    name that it has on the command line (``optimizer_lr``). A task whose name is none for a table
    stands in ``results`` alone.

    Raises:
        UserError: there is no finished run, or none that can be read.
    """

    def __init__(self, outputs: Path, study: str | None = None) -> None:
        found, damaged = _finished(outputs, study)
        if damaged and not found:
            raise damaged[0]
        for error in damaged:  # one such file does not hide all others
            warn(f"left out: {error}")
        settings = {str(folder): _settings_in(folder) for folder, _ in found}
        old = [folder for folder, result in found if _is_old(result, settings[str(folder)])]
        if old:
            warn(note_of_superseded(old))
        if len(old) == len(found):
            raise UserError(
                f"outputs={outputs} has no finished run to ask about.\n"
                f"Make some: {command('corruption=none,random_labels', grid=True)}"
            )
        left_out = set(old)
        rows = [result_row(folder, result) for folder, result in found if folder not in left_out]
        rows = list(_of_usual_width(rows))
        trained = [row for row in rows if row["task"] == "train"]
        self._connection = duckdb.connect(":memory:")
        self._load("results", _table(rows))
        self._load("runs", _table(with_settings(trained, settings) or rows).head(len(trained)))
        self._load("epochs", _epochs(trained))
        self.tables = ["runs", "epochs", "results"]
        for task in sorted({str(row["task"]) for row in rows} - {"train"}):
            if _OWN_TABLE.fullmatch(task) and task.casefold() not in self.tables:
                self._load(task, _table([row for row in rows if row["task"] == task]))
                self.tables.append(task)
        for setting, value in _SEALED.items():
            self._connection.execute(f"SET {setting} = {value}")

    def _load(self, name: str, frame: pandas.DataFrame) -> None:
        self._connection.register("frame", frame)
        quoted = name.replace('"', '""')
        self._connection.execute(f'CREATE TABLE "{quoted}" AS SELECT * FROM frame')
        self._connection.unregister("frame")

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns."""
        shown = self._connection.execute(f'DESCRIBE "{table}"').fetchall()
        return [str(name) for name, *_ in shown]

    def ask(self, sql: str) -> Answer:
        """The answer to one or more statements; that to the last one.

        Raises:
            UserError: the SQL is wrong, reaches out of the database, or gives no answer.
        """
        with self._answered(sql) as connection:
            names = [str(name) for name, *_ in connection.description]
            return Answer(names, connection.fetchall())

    def frame(self, sql: str) -> pandas.DataFrame:
        """The same as a data frame, whose columns have the types that DuckDB's have.

        Raises:
            UserError: as `ask`.
        """
        with self._answered(sql) as connection:
            return connection.df()

    @contextmanager
    def _answered(self, sql: str) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            self._connection.execute(sql)
            if not self._connection.description:
                raise UserError("sql holds no question. Try sql='select * from runs'.")
            yield self._connection
        except duckdb.Error as error:
            raise UserError(self._message(error, sql)) from error

    def _message(self, error: duckdb.Error, sql: str) -> str:
        """DuckDB's error in two lines: what is wrong, and what there is instead."""
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        what = lines[0] if lines else type(error).__name__
        if isinstance(error, duckdb.PermissionException):
            return f"sql: {what}\nOnly the tables {self._named_tables()} can be read."
        hint = next((line for line in lines[1:] if not line.startswith(("LINE", "^"))), "")
        if isinstance(error, duckdb.BinderException) and '"' in what:
            hint = self._about_column(what.split('"')[1], sql)
        elif isinstance(error, duckdb.CatalogException) and what.startswith("Catalog Error: Table"):
            hint = f"There are the tables {self._named_tables()}."
        return f"sql: {what}" + (f"\n{hint}" if hint else "")

    def _about_column(self, unknown: str, sql: str) -> str:
        """What may have been meant by a column that is not there."""
        asked = [name for name in self.tables if re.search(rf"\b{name}\b", sql)]
        known = {c for name in asked or self.tables for c in self.columns(name)}
        with_rest = re.search(rf"\b{re.escape(unknown)}((?:/\w+)+)", sql)
        if with_rest and (meant := column(with_rest[0])) in known:
            return f"Did you mean {meant}, in place of {with_rest[0]}?"
        own = sorted(name for name in known if name.endswith(f"_{unknown}"))
        hint = f"Did you mean {own[0]}?" if own else nearest(unknown, known).strip()
        if hint.startswith("Did"):
            return hint
        if f'"{unknown}"' in sql:
            text = unknown.replace("'", "''")
            return f"Names of columns stand in double quotes, texts in single ones: '{text}'."
        return f"sql='describe {(asked or self.tables)[0]}' names its columns."

    def _named_tables(self) -> str:
        *first, last = self.tables
        return f"{', '.join(first)} and {last}"


def _settings_in(folder: Path) -> dict[str, Any]:
    """The settings of a run; none where they cannot be read."""
    try:
        return read_config(folder)
    except UserError:
        return {}


def _is_old(result: Result, settings: dict[str, Any]) -> bool:
    try:
        return is_superseded(result, settings)
    except (TypeError, AttributeError):
        return False


def _finished(
    outputs: Path, study: str | None
) -> tuple[list[tuple[Path, Result]], list[UserError]]:
    """The results with their folders, and what is wrong with those that cannot be read."""
    found, damaged = [], []
    for folder in finished_folders(outputs, study):
        try:
            result = read_result(folder)
        except UserError as error:
            damaged.append(error)
            continue
        if result is not None:
            found.append((folder, result))
    return found, damaged


def _of_usual_width(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if len(row) <= _MOST_COLUMNS:
            yield row
        else:
            warn(f"left out: {row['folder']} has a result of more than {_MOST_COLUMNS:,} fields")


def _metrics(folder: Path) -> list[list[str]]:
    """The lines of metrics.csv; none where there is no such file that can be read."""
    try:
        return list(csv.reader(io.StringIO(metrics_text(folder), newline="")))
    except FileNotFoundError:
        return []
    except (UserError, csv.Error) as error:
        warn(f"left out: {folder / METRICS} ({error})")
        return []


def _table(rows: list[dict[str, Any]]) -> pandas.DataFrame:
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


def _epochs(rows: list[dict[str, Any]]) -> pandas.DataFrame:
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
