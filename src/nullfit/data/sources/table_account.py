"""What was read of a table, in words and as fields of a result."""

from pathlib import Path
from typing import Any

from nullfit.data.sources.table_columns import Column
from nullfit.data.sources.table_data import Table
from nullfit.data.sources.table_rows import MISSING
from nullfit.data.sources.text_file import separator_name
from nullfit.errors import override

_MOST_COLUMNS, _MOST_LEVELS = 12, 6
_DECIMALS = {",": "decimal commas", ".": "commas between thousands"}


def account(table: Table, target: str) -> str:
    """The rows, how the file is written, the target and why it is what it is, and the inputs."""
    lines = [
        f"{Path(table.source).name}: {_rows(table)}, {', '.join(_form(table))}",
        f"  target {target}: {_problem(table)} ({table.reason})",
        f"  inputs: {_several([_input(column) for column in table.columns], _MOST_COLUMNS)}",
        f"  missing values: none; as such count {_missing(table.file.missing)}",
    ]
    return "\n".join(lines)


def account_fields(table: Table) -> dict[str, Any]:
    """The same as values, for ``data`` in result.json."""
    file = table.file
    return {
        "problem": "classification" if table.classes else "regression",
        "problem_reason": table.reason,
        "levels": {column.name: list(column.levels) for column in table.columns},
        "file": {
            "encoding": file.encoding,
            "separator": file.separator,
            "decimals": list(file.decimals),
            "missing": ["", *file.missing],
            "empty_columns_left_out": file.nameless,
            "empty_rows_left_out": file.empty_rows,
        },
    }


def _rows(table: Table) -> str:
    rows, used = len(table.file.frame), len(table.inputs)
    return f"{rows:,} rows" if used == rows else f"{rows:,} rows of which the first {used:,} count"


def _form(table: Table) -> list[str]:
    file = table.file
    said = [f"separated by {separator_name(file.separator)}"]
    said += [_DECIMALS[mark] for mark in file.decimals]
    if file.encoding != "utf-8":
        said.append(f"encoding {file.encoding}")
    left_out = {"column": file.nameless, "row": file.empty_rows}
    return said + [
        f"{count} empty {what}{'s' if count > 1 else ''} left out"
        for what, count in left_out.items()
        if count
    ]


def _problem(table: Table) -> str:
    if not table.classes:
        return "regression"
    return f"classification, {len(table.classes)} classes: {_several(table.classes, _MOST_LEVELS)}"


def _input(column: Column) -> str:
    if not column.levels:
        return f"{column.name} (number)"
    levels = _several(column.levels, _MOST_LEVELS)
    return f"{column.name} ({len(column.levels)} levels: {levels})"


def _several(names: list[str] | tuple[str, ...], most: int) -> str:
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")


def _missing(texts: tuple[str, ...]) -> str:
    if texts == MISSING:
        keep = override("data.missing", [])
        return f"empty fields, NA, NaN, None, null and the like ({keep}: empty fields only)"
    return ", ".join(["empty fields", *map(repr, texts)])
