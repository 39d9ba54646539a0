"""What Slurm's queue says of the jobs that a command waits for."""

import getpass
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nullfit.console.messages import say

_FIRST_SECONDS = 30.0


@dataclass(frozen=True)
class Queued:
    """Where a job stands in the queue: its state, and Slurm's reason for it."""

    state: str
    reason: str


def queue() -> dict[str, Queued] | None:
    """The jobs of this user that are not over; None if the controller does not answer just now."""
    asked = ["squeue", "--noheader", "--array", f"--user={getpass.getuser()}", "--format=%i %T %r"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode:
        return None
    found = {}
    for line in answer.stdout.splitlines():
        number, state, reason = [*line.split(maxsplit=2), "", ""][:3]
        found[number] = Queued(state, reason.strip())
    return found


class QueueMonitor:
    """Says why jobs do not begin: some may wait for what the cluster will never have.

    A line comes when nothing has begun or ended for half a minute, and again when that has lasted
    twice as long.
    """

    def __init__(self) -> None:
        self._pending = 0
        self._since = time.monotonic()
        self._next = _FIRST_SECONDS

    def update(self, running: Iterable[str], queued: Mapping[str, Queued] | None) -> None:
        """Say it if it is time to; ``running`` are the jobs that the command waits for."""
        if queued is None:
            return
        standing = [queued[job] for job in running if job in queued]
        reasons = Counter(job.reason for job in standing if job.state == "PENDING")
        if reasons.total() != self._pending:
            self._pending = reasons.total()
            self._since, self._next = time.monotonic(), _FIRST_SECONDS
        waited = time.monotonic() - self._since
        if not self._pending or waited < self._next:
            return
        self._next = 2 * waited
        answer = ", ".join(f"{reason} ({jobs} jobs)" for reason, jobs in reasons.most_common())
        say(f"still pending after {waited:.0f} s, by Slurm's reasons: {answer}")
