"""The progress bar of a run: epochs done, time left, what was reached."""

import sys
import time
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from nullfit.results.formats import percent
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.training.record import RunRecord

_REFRESH_SECONDS = 0.25
_LINE_SECONDS = 30.0


class RunProgress(pl.Callback):
    """A bar on a terminal; elsewhere a line now and then, so that log files stay readable."""

    def __init__(self, title: str, record: RunRecord) -> None:
        self.title = title
        self.record = record
        self._console = Console(file=sys.stderr)
        self._bar: Progress | None = None
        self._shown = self._started = 0.0
        self._batches = self._first_epoch = 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Show the bar."""
        self._batches = int(trainer.num_training_batches)
        self._shown = self._started = time.monotonic()
        self._first_epoch = trainer.current_epoch
        if not self._console.is_terminal:
            return
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            TextColumn("{task.fields[reached]}"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
            auto_refresh=False,
        )
        self._task = self._bar.add_task(
            self.title,
            total=self._batches * (trainer.max_epochs or 1),
            completed=self._batches * trainer.current_epoch,
            epoch=trainer.current_epoch,
            epochs=trainer.max_epochs,
            reached="",
        )
        self._bar.start()

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Move the bar, four times a second at most: drawing it takes some 2 ms."""
        now = time.monotonic()
        if self._bar is not None and now - self._shown >= _REFRESH_SECONDS:
            self._shown = now
            self._move(trainer, trainer.current_epoch * self._batches + pl_module.batches)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Where there is no terminal, say a line every half minute."""
        now = time.monotonic()
        if self._bar is None and now - self._shown >= _LINE_SECONDS:
            self._shown = now
            done, most = trainer.current_epoch + 1, trainer.max_epochs or 1
            left = (now - self._started) / (done - self._first_epoch) * (most - done)
            self._console.print(
                f"{self.title}  epoch {done}/{most}  {self._reached()}  "
                f"at most {timedelta(seconds=round(left))} left",
                markup=False,
                soft_wrap=True,
            )

    def _move(self, trainer: pl.Trainer, steps: int) -> None:
        if self._bar is not None:
            self._bar.update(
                self._task,
                completed=steps,
                epoch=trainer.current_epoch + 1,
                reached=self._reached(),
                refresh=True,
            )

    def _reached(self) -> str:
        train, metrics = self.record.training_accuracy, self.record.metrics
        if train is None:
            return ""
        told = f"train {percent(train)}%"
        return f"{told} test {percent(metrics['test/accuracy'])}%" if metrics else told

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Take the bar away; the run's outcome is printed by the task."""
        self._stop()

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Give the terminal back."""
        self._stop()

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
