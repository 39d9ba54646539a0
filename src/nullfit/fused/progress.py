"""The progress of a group of trainings: how many are over, how long the rest may take."""

import time
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from nullfit.fused.member import Member
from nullfit.results.formats import percent

_LINE_SECONDS = 30.0


class GroupProgress:
    """A bar on a terminal; elsewhere a line now and then, so that log files stay readable."""

    def __init__(self, title: str, trainings: int, shown: bool) -> None:
        self.title = title
        self.trainings = trainings
        self.over = 0
        self.epochs = 0
        self._shown = shown
        self._console = Console(stderr=True)
        self._bar: Progress | None = None

    def __enter__(self) -> "GroupProgress":
        self._said = self._started = time.monotonic()
        if self._shown and self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[text]}"),
                TimeRemainingColumn(compact=True),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(self.title, total=None, text="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def one_over(self) -> None:
        """One of the trainings is over."""
        self.over += 1

    def look(self, members: Sequence[Member]) -> None:
        """After an epoch of these members: show where they stand."""
        self.epochs += len(members)
        left = sum(m.training.epochs - m.epoch for m in members if not m.record.over)
        waiting = self.trainings - self.over - len(members)
        left += waiting * max(m.training.epochs for m in members)
        accuracy = sum(m.record.training_accuracy or 0.0 for m in members) / len(members)
        text = (
            f"{self.over}/{self.trainings} over, {len(members)} training, "
            f"epoch {max(m.epoch for m in members)}, train {percent(accuracy)}% on average"
        )
        now = time.monotonic()
        if self._bar is not None:
            done = self.epochs
            self._bar.update(self._task, total=done + left, completed=done, text=text)
        elif self._shown and now - self._said >= _LINE_SECONDS:
            self._said = now
            seconds = (now - self._started) / self.epochs * left
            most = timedelta(seconds=round(seconds))
            self._console.print(
                f"{self.title}  {text}  at most {most} left", markup=False, soft_wrap=True
            )
