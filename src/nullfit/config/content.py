"""What a user's own data files hold, as part of which run it is.

A file counts by its bytes. A folder of images may be too large to be read for that: it counts by
the names, sizes and times of change of its files, so a replaced file of equal size is seen as well.
A copy of the folder is other data unless the times were copied too (``cp -a``, ``rsync -a``).
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nullfit.errors import UserError
from nullfit.system.files import at_home

# Corruptions that read files, and their settings that name these.
_READING = ("labels_from_file", "transition_matrix")
FILES_OF_CORRUPTIONS = ("path", "like")

_IMAGE_FOLDER = "nullfit.data.image_folder"


def content_of(data: Mapping[str, Any]) -> str | None:
    """A digest of the files that a plain ``data`` section names; None if there are none to read.

    Nothing is raised: who reads the data will say what is wrong with them.
    """
    path = data.get("path")
    if path is not None:
        return _digest_of_file(Path(path)) if not os.path.isdir(path) else _tree(path).digest
    folder = image_folder_of(data)
    return None if folder is None else image_files(folder).digest


def files_of_corruption(corruption: Mapping[str, Any]) -> list[str]:
    """The files that a plain ``corruption`` section names, those of a chain's steps included."""
    steps = corruption.get("steps")
    found = []
    for section in (corruption, *(steps if isinstance(steps, list | tuple) else ())):
        if isinstance(section, Mapping) and _function(section) in _READING:
            found += [section.get(key) for key in FILES_OF_CORRUPTIONS]
    return [path for path in found if isinstance(path, str)]


def _function(section: Mapping[str, Any]) -> str:
    return str(section.get("_target_") or section.get("name")).rpartition(".")[2]


def content_of_corruption(corruption: Mapping[str, Any]) -> list[str | None]:
    """A digest of each of these files; None where it cannot be read."""
    return [_digest_of_file(Path(at_home(path))) for path in files_of_corruption(corruption)]


def content_of_left_out(data: Mapping[str, Any]) -> str | None:
    """A digest of the file of samples to be left out; None without one, or if it is not there."""
    path = data.get("leave_out")
    return _digest_of_file(Path(at_home(path))) if isinstance(path, str) else None


def content_digests(config: Mapping[str, Any]) -> dict[str, Any]:
    """Digests of the user's own files that a plain configuration names, as they count in its hash.

    ``data``, ``left_out`` (``data.leave_out``) and ``corruption``, a list; without what there is
    none of. Those of folders are of names, sizes and times.
    """
    data, corruption = config.get("data") or {}, config.get("corruption") or {}
    found = {
        "data": content_of(data),
        "left_out": content_of_left_out(data),
        "corruption": content_of_corruption(corruption) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def image_folder_of(data: Mapping[str, Any]) -> str | None:
    """The folder of ``data=image_folder``, or of an option of the user's own that reads one."""
    if data.get("_target_") != _IMAGE_FOLDER:
        return None
    return str(Path(str(data.get("root"))).expanduser().absolute())


@dataclass(frozen=True)
class FolderState:
    """The files of a folder as they are: a digest of them, and when the last one changed.

    ``changed`` counts seconds since 1970, renamed and removed files included. Both are None where
    the files cannot be listed.
    """

    digest: str | None
    changed: float | None
    files: tuple[str, ...] = ()


@cache  # of each folder once, so that a run stays the same one while its folder changes
def image_files(folder: str) -> FolderState:
    """The images of a folder of train/<class>/ and test/<class>/, without opening any."""
    # Whoever has no folder of images needs none of it.
    from nullfit.data.sources.class_folders import scan

    try:
        return _state(
            folder, (path for split in ("train", "test") for path, _ in scan(Path(folder), split))
        )
    except (UserError, OSError):
        return FolderState(None, None)


@cache
def _tree(folder: str) -> FolderState:
    """All files below a folder."""
    from nullfit.data.sources.class_folders import files_below

    try:
        return _state(folder, files_below(Path(folder)))
    except (UserError, OSError):
        return FolderState(None, None)


def _state(folder: str, paths: Iterable[str]) -> FolderState:
    digest, changed, folders, files = hashlib.sha256(), 0, {folder}, []
    for path in paths:
        status = os.stat(path)
        name = path[len(folder) :].replace(os.sep, "/")
        line = f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n"
        digest.update(line.encode(errors="surrogateescape"))
        changed = max(changed, status.st_mtime_ns, status.st_ctime_ns)
        folders.add(os.path.dirname(path))
        files.append(path)
    folders |= {os.path.dirname(below) for below in folders if below != folder}
    for below in folders:
        status = os.stat(below)
        changed = max(changed, status.st_mtime_ns, status.st_ctime_ns)
    return FolderState(digest.hexdigest(), changed / 1e9, tuple(files))


def _digest_of_file(path: Path) -> str | None:
    """Of the bytes of a data file."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for
            return None
        return _digest(path, status.st_size, status.st_mtime_ns)
    except OSError:
        return None


@cache
def _digest(path: Path, size: int, changed: int) -> str:
    """Jobs are named several times in a run; a large file is read once."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
