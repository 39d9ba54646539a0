"""What a failed job leaves in its folder."""

import traceback
from contextlib import suppress
from pathlib import Path

from nullfit.errors import StorageError, UserError, brief
from nullfit.system.files import write_text
from nullfit.system.reading import read_beginning

FAILURE = "failure.txt"
_SHOWN = 1000  # characters of a reason


def note_failure(folder: Path, error: Exception, *, of_grid: bool) -> None:
    """Write down what went wrong in a job; a refused single run leaves nothing."""
    if isinstance(error, UserError) and not of_grid:
        remove_if_empty(folder)
        return
    text = "".join(traceback.format_exception(error))
    with suppress(StorageError):
        write_text(folder / FAILURE, f"{brief(error)}\n\n{text}")
    remove_if_empty(folder)  # where there is no room for the note


def reason_of_failure(folder: Path) -> str | None:
    """Why a job failed, in a line; None if it did not."""
    try:
        text = read_beginning(folder / FAILURE).decode(errors="replace")
    except FileNotFoundError:
        return None
    except UserError as error:
        return str(error)
    return text.strip().partition("\n")[0][:_SHOWN]


def forget_failure(folder: Path) -> None:
    """Remove the note of a job that has succeeded since."""
    if (folder / FAILURE).exists():  # where nothing can be written there is none
        (folder / FAILURE).unlink()


def remove_if_empty(job: Path) -> None:
    """Take back the folder that Hydra made for a job that wrote nothing into it."""
    _remove_while_empty(job, job.parent, job.parent.parent)


def remove_study_if_empty(study: Path) -> None:
    """The same for the folder of a study in which no job was begun."""
    _remove_while_empty(study, study.parent)


def _remove_while_empty(*folders: Path) -> None:
    for path in folders:
        try:
            path.rmdir()
        except OSError:
            return
