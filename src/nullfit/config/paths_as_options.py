"""A path in the place of an option: which option reads it, and from which setting."""

from pathlib import Path

from nullfit.errors import override
from nullfit.system.files import at_home
from nullfit.system.similar_folder import similar_folder

_TABLES = (".csv", ".tsv", ".txt")  # as they are, or packed
_PACKED = (".gz", ".bz2", ".xz", ".zip")


def reader_of(group: str, name: str) -> str:
    """`` For …: data=… data.root=…`` if ``name`` is none of a group's options but a path.

    For a folder that does not exist one of a similar name is proposed. Empty if nothing reads it.
    """
    path = Path(at_home(name))
    if group == "data":
        if path.is_dir():
            return (
                f" For images in that folder: {_words('data', 'image_folder', 'data.root', name)}"
            )
        if path.is_file() and _is_table(path):
            return f" For that file: {_words('data', 'table', 'data.path', name)} data.target=…"
        if path.name != name:
            return similar_folder("data.root", path, option="data=image_folder")
    if group == "corruption" and path.is_file():
        words = _words("corruption", "labels_from_file", "corruption.path", name)
        return f" For labels in that file: {words}"
    return ""


def _words(group: str, option: str, key: str, path: str) -> str:
    return f"{group}={option} {override(key, path)}"


def _is_table(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in _TABLES
