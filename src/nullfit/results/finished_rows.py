"""The rows of all finished runs below ``outputs/``, without those that cannot be used."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nullfit.console.messages import warn
from nullfit.errors import UserError, command
from nullfit.results.job_folders import finished_folders
from nullfit.results.result import Result, read_result
from nullfit.results.rows import result_row
from nullfit.results.study import is_superseded, note_of_superseded, read_config

_MOST_COLUMNS = 1000


def finished_rows(
    outputs: Path, study: str | None
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """A row for each finished run, and the settings of each by its folder.

    Raises:
        UserError: there is no finished run, or none that can be read.
    """
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
    return list(_of_usual_width(rows)), settings


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
