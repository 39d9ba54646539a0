"""The progress of a permutation test."""

import time
from collections.abc import Callable
from datetime import timedelta

from nullfit.console.progress import Stages

_LONG_SECONDS = 1200.0


class TestProgress:
    """Counts samples times networks, in training and for the statistics, over the whole test."""

    __test__ = False  # no test, whatever pytest takes the name for

    def __init__(
        self,
        stages: Stages,
        per_member: float,
        tell: Callable[[str], None],
        hint: str,
    ) -> None:
        """``stages`` counts in the same unit, of which a member takes ``per_member``."""
        self._stages = stages
        self._per_member = per_member
        self._tell = tell
        self._hint = hint
        self._told = False
        self._members = self._first = 0
        self._start = time.monotonic()

    def begin(self, members: int, done: int) -> None:
        """Go on after ``done`` members."""
        self._members, self._first = members, done
        self._start = time.monotonic()
        total = self._per_member * members
        self._stages.seconds = total
        self._tick = self._stages.stage("networks", total, total)
        self._tick(self._per_member * done)

    def trained(self, samples: int) -> None:
        """Samples seen in training."""
        self._tick(float(samples))

    def measured(self, samples: int) -> None:
        """Samples whose derivatives were taken."""
        self._tick(float(samples))

    def group_done(self, done: int) -> None:
        """After the first group, tell of a test that will take long how long, and what to do."""
        if self._told:
            return
        self._told = True
        each = (time.monotonic() - self._start) / (done - self._first)
        left = each * (self._members - done)
        if left > _LONG_SECONDS:
            self._tell(
                f"  {self._members - done:,} trainings are left, about "
                f"{timedelta(seconds=round(left))}; an interrupted test goes on where it was. "
                f"{self._hint}"
            )
