"""The folders of jobs, none of which is a link: what lies elsewhere is not a study's own."""

import os
from collections.abc import Iterable
from pathlib import Path

from nullfit.console.messages import one_line, warn
from nullfit.results.failure import FAILURE
from nullfit.results.result import RESULT

CONFIG = "config.yaml"


def real_folders(folder: Path) -> list[Path]:
    """The folders in a folder, by name; a line tells of each that is left out.

    Left out are links to folders, and names that cannot be written as text.
    """
    found = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not entry.is_dir():
            continue
        if entry.is_symlink():
            warn(f"left out: {one_line(entry.path)} is a link, which is not followed")
        elif not entry.name.isprintable():
            warn(
                f"left out: the name of {one_line(entry.path)} has characters that cannot be shown"
            )
        else:
            found.append(folder / entry.name)
    return found


def job_folders(study: Path) -> list[Path]:
    """Those of a study's folders in which a job was begun."""
    return [job for job in real_folders(study) if _is_there(job, (CONFIG, FAILURE, RESULT))]


def finished_folders(outputs: Path, study: str | None = None) -> list[Path]:
    """Those of all studies, or of one, in which there is a result."""
    studies = real_folders(outputs) if outputs.is_dir() else []
    if study is not None:
        studies = [folder for folder in studies if folder.name == study]
    return [job for study in studies for job in real_folders(study) if _is_there(job, (RESULT,))]


def _is_there(folder: Path, names: Iterable[str]) -> bool:
    return any(os.path.lexists(folder / name) for name in names)
