"""What a failed job leaves in its folder."""

import traceback
from contextlib import suppress
from pathlib import Path

from nullfit.errors import StorageError, UserError, brief
from nullfit.files import write_text
from nullfit.first_process import is_first

FAILURE = "failure.txt"


def note_failure(folder: Path, error: Exception, *, of_grid: bool) -> None:
    """Write down what went wrong in a job; a refused single run leaves nothing."""
    if not is_first():
        return
    if isinstance(error, UserError) and not of_grid:
        remove_if_empty(folder)
        return
    text = "".join(traceback.format_exception(error))
    with suppress(StorageError):
        write_text(folder / FAILURE, f"{brief(error)}\n\n{text}")


def forget_failure(folder: Path) -> None:
    """Remove the note of a job that has succeeded since."""
    if (folder / FAILURE).exists():  # where nothing can be written there is none
        (folder / FAILURE).unlink()


def remove_if_empty(folder: Path) -> None:
    """Take back the folder that Hydra made for a job that wrote nothing into it."""
    for path in (folder, folder.parent, folder.parent.parent):  # job, study, outputs
        try:
            path.rmdir()
        except OSError:
            return
