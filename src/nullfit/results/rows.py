"""Results as rows of a table: the fields of result.json and the settings that differ, flat."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nullfit.results.result import Result
from nullfit.results.settings import differing_by, flat_settings, flatten

# Where a plain name says enough; every other field is named by its path, "fit.x" as fit_x.
_SHORT = {
    "model.name": "model",
    "model.parameters": "parameters",
    "data.name": "data",
    "corruption.name": "corruption",
    "fit.epochs_to_fit": "epochs_to_fit",
    "fit.steps_to_fit": "steps_to_fit",
}
_DROPPED_PREFIXES = ("metrics.", "corruption.")  # their fields' own names are clear
_LEFT_OUT = ("versions", "command", "data.class_names", "confusion_matrix", "accuracy_by_class")


def result_row(folder: Path, result: Result) -> dict[str, Any]:
    """One row of ``results``: the fields of a result.json, flat, and the run's folder."""
    row: dict[str, Any] = {}
    for path, value in flatten(result).items():
        if path.startswith(_LEFT_OUT) or _is_table(value):
            continue
        name = _SHORT.get(path, path)
        for prefix in _DROPPED_PREFIXES:
            name = name.removeprefix(prefix)
        row[column(name)] = _cell(value)
    return {**row, "folder": str(folder)}


def with_settings(
    rows: list[dict[str, Any]], settings: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of trainings, each with those of its settings that differ in some study."""
    flats = [_flat(settings[row["folder"]]) for row in rows]
    by_study = differing_by([str(row.get("study")) for row in rows], flats)
    keys = dict.fromkeys(key for found in by_study.values() for key in found)
    there = {name for row in rows for name in row}
    new = {
        key: column(key.removesuffix(".name"))
        for key in keys
        if column(_SHORT.get(key, key.removeprefix("corruption."))) not in there
    }
    return [
        {**row, **{name: _cell(flat.get(key)) for key, name in new.items() if name not in there}}
        for row, flat in zip(rows, flats, strict=True)
    ]


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    """The same by dotted key; none where they are none of ours."""
    try:
        return flat_settings(settings) if settings else {}
    except Exception:  # of many kinds: the result is sound
        return {}


def column(name: str) -> str:
    """A metric's name as a column: ``test/accuracy`` becomes ``test_accuracy``."""
    return name.replace("/", "_").replace(".", "_")


def _cell(value: Any) -> Any:
    return value if _is_plain(value) else str(value)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, list | Mapping) for item in value)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
