"""What all data sets read by torchvision share: files under `data.root`, fetched if asked to."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPException
from pathlib import Path

from nullfit.data.image_set import Dataset
from nullfit.data.sources.cache import cached
from nullfit.errors import UserError


def read_files(
    name: str,
    files: Sequence[str],
    *,
    root: str,
    download: bool,
    cache: str | None,
    fetch: Callable[[Path], None],
    read: Callable[[Path], Dataset],
    packed: str = "",
) -> Dataset:
    """The data set ``name`` from its ``files`` (relative to ``root``), or from the cache.

    ``packed`` is the suffix of packed files that ``read`` takes as well (``.gz``).

    ``fetch(root)`` downloads and is called only where a file is missing and ``download`` is set;
    ``read(root)`` checks the files and decodes them.

    Raises:
        UserError: a file is missing, cannot be read or fetched, or is not the original.
    """
    folder = Path(root).expanduser().absolute()
    either = [[folder / file, folder / f"{file}{packed}"] for file in files]
    if download and _missing(folder, either):
        _fetch(name, folder, fetch)
    if missing := _missing(folder, either):
        raise UserError(
            f"data={name}: not found in data.root={folder}: {', '.join(missing)}.\n"
            "Run with data.download=true, put the files there, or set data.root to where they are."
        )
    try:
        paths = sorted({path for pair in either for path in pair if path.is_file()})
        # Known to be the originals since they are checked.
        decoder = "originals"
        return cached(name, {}, folder, paths, cache, decoder, partial(read, folder))
    except OSError as error:
        raise UserError(
            f"data={name}: a file in data.root={folder} is unreadable: {error}"
        ) from error


def _missing(folder: Path, either: Sequence[Sequence[Path]]) -> list[str]:
    """The first names of the files that are there under none of their names."""
    return [
        paths[0].relative_to(folder).as_posix()
        for paths in either
        if not any(path.is_file() for path in paths)
    ]


def _fetch(name: str, folder: Path, fetch: Callable[[Path], None]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(name, folder, error.strerror or str(error)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _not_writable(name, folder, "permission denied")
    try:
        fetch(folder)
    except PermissionError as error:
        raise _not_writable(name, folder, str(error)) from error
    except (OSError, RuntimeError, HTTPException, EOFError) as error:  # URLError is an OSError
        reason = " ".join(str(error).split())
        raise UserError(
            f"data={name}: the download failed: {reason}.\n"
            f"Check the network and try again, or put the files into data.root={folder} by hand."
        ) from error


def _not_writable(name: str, folder: Path, reason: str) -> UserError:
    return UserError(
        f"data={name}: cannot write to data.root={folder}: {reason}.\n"
        "Set data.root to a folder that you may write to."
    )
