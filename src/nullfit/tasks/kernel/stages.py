"""The stages of a solution, weighted by the work that each is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nullfit.console.progress import Amount, Progress
from nullfit.results.formats import percent

Tick = Callable[[Amount], None]


class Stages:
    """Tells a `Progress`, which counts work; ``spent`` are the seconds that stages took."""

    def __init__(self, progress: Progress) -> None:
        self.spent: dict[str, float] = {}
        self._progress = progress
        self._done = 0.0

    @contextmanager
    def stage(self, name: str, units: Amount, work: Amount) -> Iterator[Tick]:
        """A stage; the function yielded counts units of its work that are done."""
        start, end = time.monotonic(), self._done + work

        def tick(done: Amount) -> None:
            # A stage that does more than expected waits at its end for the next one.
            self._done = min(self._done + done / max(units, 1e-9) * work, end)
            share = min(self._done / max(self._progress.total, 1e-9), 1.0)
            self._progress.at(self._done, f"{name}  {percent(share, 0)}%")

        tick(0)
        yield tick
        tick(units)
        self.spent[name] = self.spent.get(name, 0.0) + time.monotonic() - start
