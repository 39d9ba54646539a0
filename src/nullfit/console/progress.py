"""The progress of a long computation whose time was estimated beforehand."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_REFRESH_SECONDS = 0.25
_LINE_SECONDS = 30.0
_PATIENCE_SECONDS = 2.0  # nothing is said of what is done by then
_TELLING_SHARE = 0.05  # of the work, from which on the time it took says how long the rest takes


class Stages:
    """A bar with the time left on a terminal; elsewhere a line now and then, on stderr.

    ``seconds`` is the estimate for all stages together; each stage is given its own share of it.
    """

    def __init__(self, title: str, seconds: float | int, *, shown: bool = True) -> None:
        self.title = title
        self.seconds = max(seconds, 1e-9)
        self.done = 0.0
        self.spent: dict[str, float] = {}  # seconds that each stage took
        self._name = ""
        self._shown = shown
        self._console = Console(file=sys.stderr)
        self._bar: Progress | None = None
        self._start = self._last = self._stage_start = time.monotonic()

    def __enter__(self) -> "Stages":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish_stage()
        if self._bar is not None:
            self._bar.stop()

    def stage(self, name: str, units: float | int, seconds: float | int) -> Callable[[float], None]:
        """Begin a stage; the returned function is told units of its work as they are done."""
        self._finish_stage()
        self._name = name
        self._end = self.done + seconds
        share = seconds / max(units, 1e-9)

        def tick(done: float | int) -> None:
            # A stage that does more than expected waits at its end for the next one.
            self.done = min(self.done + done * share, self._end)
            self._tell()

        return tick

    def _finish_stage(self) -> None:
        now = time.monotonic()
        if self._name:
            self.spent[self._name] = self.spent.get(self._name, 0.0) + now - self._stage_start
            self.done = self._end
        self._stage_start = now

    @property
    def _left(self) -> str:
        """The time left in words; nothing where too little was done to tell."""
        if self.done < _TELLING_SHARE * self.seconds:
            return ""
        rest = (time.monotonic() - self._start) / self.done * max(self.seconds - self.done, 0.0)
        return f"  about {timedelta(seconds=round(rest))} left"

    def _tell(self) -> None:
        now = time.monotonic()
        if not self._shown or now - self._start < _PATIENCE_SECONDS:
            return
        wait = _REFRESH_SECONDS if self._console.is_terminal else _LINE_SECONDS
        if now - self._last < wait:
            return
        self._last = now
        if self._console.is_terminal:
            self._move_bar()
            return
        share = self.done / self.seconds
        self._console.print(
            f"{self.title}  {self._name}  {share:.0%}{self._left}",
            markup=False,
            soft_wrap=True,
        )

    def _move_bar(self) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TaskProgressColumn(),
                TextColumn("{task.fields[stage]}"),
                TimeRemainingColumn(compact=True),
                console=self._console,
                transient=True,
                auto_refresh=False,
                speed_estimate_period=120,
            )
            self._task = self._bar.add_task(self.title, total=self.seconds, stage=self._name)
            self._bar.start()
        self._bar.update(self._task, completed=self.done, stage=self._name, refresh=True)
