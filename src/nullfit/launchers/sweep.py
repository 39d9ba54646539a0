"""The jobs of a grid on their way: which are left, what became of each, how long it takes."""

import time
from collections.abc import Sequence
from datetime import timedelta

from nullfit.console.messages import say
from nullfit.launchers.job import Job
from nullfit.launchers.job_specification import OUTPUT, JobOutcome
from nullfit.runs.command import Command


class Sweep:
    """Skips what is finished and tells what ends, as a grid in one process does.

    ``left`` are the jobs that have no result yet, in order.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.left = [job for job in jobs if not _finished(job)]
        self._began = time.monotonic()
        self._ended = 0

    def ended(self, job: Job, outcome: JobOutcome) -> None:
        """A line for a job that is over; an error is kept for the end of the grid."""
        command = Command.current
        self._ended += 1
        command.job_ended()
        if outcome.error is not None:
            outcome.error.add_note(f"What the job said stands in {job.folder / OUTPUT}.")
            command.failed(job.config.job, job.folder, outcome.error)
            return
        took = f"{outcome.seconds:.1f} s"
        say(f"{command.counter} {job.config.job}: {outcome.summary}, {took}{self._time_left()}")

    def _time_left(self) -> str:
        rest = len(self.left) - self._ended
        if not rest:
            return ""
        seconds = (time.monotonic() - self._began) / self._ended * rest
        return f"; about {timedelta(seconds=round(seconds))} left for {rest}"


def _finished(job: Job) -> bool:
    """Whether there is a result already; an evaluation is always done again."""
    from nullfit.runs.outcome import finished  # noqa: PLC0415

    if job.config.task.name == "evaluate" or finished(job.config, job.folder) is None:
        return False
    Command.current.job_ended()
    return True
