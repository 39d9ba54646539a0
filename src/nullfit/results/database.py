"""A database with the tables ``runs``, ``epochs``, ``results``, and one of each task, for SQL."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas

from nullfit.errors import UserError, nearest
from nullfit.results.finished_rows import finished_rows
from nullfit.results.frames import epoch_frame, result_frame
from nullfit.results.rows import column, with_settings

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
        rows, settings = finished_rows(outputs, study)
        trained = [row for row in rows if row["task"] == "train"]
        self._connection = duckdb.connect(":memory:")
        self._load("results", result_frame(rows))
        self._load(
            "runs", result_frame(with_settings(trained, settings) or rows).head(len(trained))
        )
        self._load("epochs", epoch_frame(trained))
        self.tables = ["runs", "epochs", "results"]
        for task in sorted({str(row["task"]) for row in rows} - {"train"}):
            if _OWN_TABLE.fullmatch(task) and task.casefold() not in self.tables:
                self._load(task, result_frame([row for row in rows if row["task"] == task]))
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
