"""The callback that ends each epoch with the run's record."""

import math
import time
from typing import Any

from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.training.ranks import any_process, evaluator
from nullfit.training.record import Epoch, RunRecord

# How often a step's loss is looked at for divergence; looking makes a GPU wait.
_LOOK_EVERY = 100


class Recorder(pl.Callback):
    """Keeps a `RunRecord` up to date while Lightning trains, tells the loggers, ends the run."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self.lr = 0.0  # that the epoch began with
        self._since = 0.0

    @property
    def seconds(self) -> float:
        """The time that belongs to the epoch so far."""
        return time.perf_counter() - self._since

    def on_train_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Begin the file and the clock."""
        self.record.begin(pl_module.data, pl_module.network)
        self._since = time.perf_counter()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Note the learning rate that the epoch begins with."""
        self.lr = float(trainer.optimizers[0].param_groups[0]["lr"])
        if pl_module.resumed is not None:
            self.lr = pl_module.resumed.lr
            self._since -= pl_module.resumed.seconds

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Leave the epoch early when the loss is no longer finite."""
        if (pl_module.batches - 1) % _LOOK_EVERY == 0:
            diverged = not math.isfinite(float(pl_module.loss_sum))
            trainer.should_stop |= any_process(trainer, diverged)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Measure, record, decide."""
        pl_module.sum_over_processes()
        epoch = Epoch(
            steps=trainer.global_step - self.record.steps,
            samples=pl_module.samples,
            loss_sum=float(pl_module.loss_sum),
            correct=int(pl_module.correct),
            lr=self.lr,
            seconds=self.seconds,
        )
        since = time.perf_counter()
        network = pl_module.network
        evaluate = evaluator(network, pl_module.loss)
        row = self.record.end_epoch(epoch, pl_module.data, evaluate, network)
        self._since = since
        trainer.should_stop |= self.record.over
        for logger in trainer.loggers:
            logger.log_metrics(row, step=self.record.steps)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop the clock."""
        self.record.seconds += self.seconds
        self._since = time.perf_counter()
