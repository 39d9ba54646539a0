"""Which files of a user's own are read in another way since they are read strictly.

That depends on what they hold, not on the settings alone. Files that are read as before keep their
runs.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_LINES = 1000
_MOST_CLASSES = 10
_WITH_COMMAS = re.compile(r"[+-]?\d[\d.,' ]*")


def read_otherwise(data: Mapping[str, Any]) -> bool:
    """Whether the file of a plain ``data`` section is read otherwise, by its first lines.

    Of a table: every row has one field more than the heading, a target of whole numbers is written
    as 1.0, or a column has decimal commas. Of ratings: they are a list. Nothing is raised: who
    reads the data will say what is wrong with them.
    """
    if data.get("name") not in ("table", "ratings") or data.get("path") is None:
        return False
    path = Path(str(data["path"]))
    try:
        status = path.stat()
        about = (status.st_size, status.st_mtime_ns, repr(sorted(data.items(), key=str)))
        return path.is_file() and _read_otherwise(str(data["name"]), path, data, about)
    except (ValueError, OSError):  # of which a UserError is one
        return False


_known: dict[tuple[Any, ...], bool] = {}


def _read_otherwise(name: str, path: Path, data: Mapping[str, Any], about: tuple[Any, ...]) -> bool:
    if about not in _known:  # jobs are named several times in a run
        _known[about] = _table(path, data) if name == "table" else _is_list(path, data)
    return _known[about]


def _is_list(path: Path, data: Mapping[str, Any]) -> bool:
    from nullfit.data.sources.ratings_layout import list_layout
    from nullfit.data.sources.text_file import head_of

    head, _ = head_of(path, data.get("encoding"))
    names = bool(data.get("header")), bool(data.get("index"))
    return list_layout(head, data.get("separator"), data.get("layout"), *names) is not None


def _table(path: Path, data: Mapping[str, Any]) -> bool:
    from nullfit.data.sources.text_file import first_rows, head_of, separator_of

    head, _ = head_of(path, data.get("encoding"))
    heading, *body = first_rows(head, separator_of(head, data.get("separator")), _LINES)
    if not body or len({len(row) for row in body}) > 1:
        return False
    if len(body[0]) > len(heading):
        return True
    columns = {
        name.strip(): [value.strip() for value in values]
        for name, *values in zip(heading, *body, strict=False)
    }
    target = columns.get(str(data.get("target")).strip(), [])
    whole = data.get("problem") == "auto" and _are_whole(target)
    return whole or any(map(_have_commas, columns.values()))


def _are_whole(values: Sequence[str]) -> bool:
    """Whether they are few whole numbers, not written as such."""
    if not any("." in value for value in values) or len(set(values)) > _MOST_CLASSES:
        return False
    try:
        return all(float(value).is_integer() for value in values)
    except ValueError:
        return False


def _have_commas(values: Sequence[str]) -> bool:
    return any("," in value for value in values) and all(map(_WITH_COMMAS.fullmatch, values))
