"""Where a job's files may go."""

from pathlib import Path

from nullfit.errors import UserError
from nullfit.system.files import keep_below


def refuse_other_places(outputs: Path, study: str, job: str) -> None:
    """See that the folder of a job lies in ``outputs``, whatever links there are below it.

    ``outputs`` itself may be a link, to a larger disk for example.

    Raises:
        UserError: a link below it leads elsewhere.
    """
    keep_below(outputs)
    for folder in (outputs / study, outputs / study / job):
        if folder.is_symlink():
            raise UserError(
                f"{folder} is a link to {folder.readlink()}, and runs would write outside of "
                f"outputs={outputs}.\nRemove it, or give its place as outputs=…."
            )
