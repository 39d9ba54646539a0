"""What is made of runs, whatever some of them hold."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from nullfit.console.messages import warn
from nullfit.errors import StorageError, UserError
from nullfit.results.task_run import TaskRun

R = TypeVar("R", bound=TaskRun)
T = TypeVar("T")


def of_usable(runs: Sequence[R], make: Callable[[Sequence[R]], T], what: str) -> T:
    """``make(runs)``, or without the runs of which it cannot be made; a line tells of each.

    Fields that only one task knows are not checked when a result is read. So whatever goes wrong
    with them counts here, and a run is to blame if it goes wrong with that run alone.

    Args:
        runs: of a study.
        make: what computes something of runs, and neither writes nor says anything.
        what: what is made, for the line.

    Raises:
        UserError: it cannot be made of any run, or of no run but of all together.
    """
    try:
        return make(runs)
    except StorageError:
        raise
    except Exception as error:
        reasons = [_reason(make, run) for run in runs]
        kept = [run for run, reason in zip(runs, reasons, strict=True) if reason is None]
        if len(kept) == len(runs):
            raise UserError(_told(error)) from error
        if not kept:
            raise UserError(f"{reasons[0]} in {runs[0].folder}") from error
        for run, reason in zip(runs, reasons, strict=True):
            if reason is not None:
                warn(f"left out of {what}: {run.folder} ({reason})")
        try:
            return make(kept)
        except Exception as left:
            raise UserError(_told(left)) from left


def _reason(make: Callable[[Sequence[R]], T], run: R) -> str | None:
    """Why it cannot be made of a run alone; None if it can."""
    try:
        make([run])
    except Exception as error:
        return _told(error)
    return None


def _told(error: Exception) -> str:
    return str(error).partition("\n")[0] if isinstance(error, UserError) else repr(error)
