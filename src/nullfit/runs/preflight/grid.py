"""Each job of a grid is checked before the first one begins; a grid is refused as a whole."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nullfit.config.components import target_of, typed_settings
from nullfit.config.identity import RANDOMNESS
from nullfit.config.schema import RunConfig
from nullfit.console.messages import say, warn
from nullfit.errors import UserError, by_reason
from nullfit.runs.outcome import has_result
from nullfit.runs.preflight.refusal import Overrides, refusal
from nullfit.system.first_process import is_first

if TYPE_CHECKING:
    from nullfit.runs.preflight.look import Look

_SILENT_SECONDS = 1.5
# What no check asks for: a job that differs from another one in these alone is not checked again.
_IMMATERIAL = (*RANDOMNESS, "study", "outputs", "job", "logger")


def check_grid(jobs: Mapping[Overrides, RunConfig], *, elsewhere: bool) -> None:
    """Refuse a grid with jobs that cannot run, before anything is written.

    Asked is ``refuse_beforehand`` of a task's module, if it has one; a job with a result is not
    looked at. ``elsewhere`` says that jobs run on other machines: that their data cannot be read on
    this one is then no reason to refuse them.

    Raises:
        UserError: some job cannot run; the message has a line for each distinct reason.
    """
    refused, left = {}, {}
    for job, run in jobs.items():
        try:
            if _check_of(run) is not None and not _is_finished(run):
                left[job] = run
        except UserError as error:  # a damaged result
            refused[job] = str(error)
    if left:  # what follows imports all that trains
        refused |= _refused(left, elsewhere)
    if refused:
        raise refusal(jobs, {job: refused[job] for job in jobs if job in refused})


def _refused(jobs: Mapping[Overrides, RunConfig], elsewhere: bool) -> dict[Overrides, str]:
    """The reasons of the jobs that cannot run."""
    from nullfit.runs.preflight.look import Look, NotHereError

    look = Look(elsewhere=elsewhere)
    refused, unread = {}, {}
    known: dict[str, Exception | None] = {}
    patience = _Patience(len(jobs))
    for job, run in sorted(jobs.items(), key=lambda item: look.source(item[1])):
        patience.look(run)
        same = _immaterial_aside(run)
        if same not in known:
            known[same] = _found(run, look)
        error = known[same]
        if isinstance(error, UserError):
            refused[job] = str(error)
        elif isinstance(error, NotHereError):
            unread[job] = str(error)
    for reason, concerned in by_reason(unread).items():
        many = "1 job is" if len(concerned) == 1 else f"{len(concerned)} jobs are"
        first_line = reason.partition("\n")[0]
        warn(f"{many} not checked beforehand, since data cannot be read here: {first_line}")
    return refused


def _found(run: RunConfig, look: "Look") -> Exception | None:
    """What a job would end with at its start, as far as it can be known."""
    check = _check_of(run)
    assert check is not None
    try:
        check(run, look, **typed_settings(target_of(run, "task"), run.task_settings))
    except Exception as error:  # one that is not for people is the job's own to tell
        return error
    return None


def _check_of(run: RunConfig) -> Callable[..., None] | None:
    module = sys.modules[target_of(run, "task").__module__]
    check: Callable[..., None] | None = getattr(module, "refuse_beforehand", None)
    return check


def _is_finished(run: RunConfig) -> bool:
    """Whether the job has nothing to do; an evaluation is always done again."""
    folder = Path(run.outputs) / run.study / run.job
    return run.task.name != "evaluate" and has_result(run, folder)


def _immaterial_aside(run: RunConfig) -> str:
    kept = {key: value for key, value in run.plain().items() if key not in _IMMATERIAL}
    return json.dumps(kept, sort_keys=True, default=str)


class _Patience:
    """Says once what is going on, if it takes longer than one waits without asking."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._start: float | None = time.monotonic()

    def look(self, run: RunConfig) -> None:
        """Say it if it is time to; of processes that share a training the first one speaks."""
        if self._start is None or time.monotonic() - self._start < _SILENT_SECONDS:
            return
        self._start = None
        if is_first(run.trainer):
            say(f"checking {self._jobs} jobs before the first one begins …")
