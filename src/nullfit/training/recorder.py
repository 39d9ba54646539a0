"""The callback that measures a run at the end of each epoch and decides whether it goes on."""

import math
import time
from typing import Any

from nullfit.config.schema import TrainerConfig
from nullfit.ecosystem import pytorch_lightning as pl
from nullfit.training.measures import measure
from nullfit.training.metrics_file import MetricsFile, Row

# How often a step's loss is looked at for divergence; looking makes a GPU wait.
_LOOK_EVERY = 100


class Recorder(pl.Callback):
    """Measures, writes metrics.csv, tells the loggers, notes when the training set was fitted.

    It stops the run once the exact training accuracy reaches ``stop_at_train_accuracy``, or when
    the loss is no longer finite.
    """

    def __init__(self, trainer_config: TrainerConfig, file: MetricsFile | None) -> None:
        self.config = trainer_config
        self.file = file
        self.rows: list[Row] = []
        self.metrics: dict[str, float] = {}
        self.epochs_to_fit: int | None = None
        self.steps_to_fit: int | None = None
        self.epochs = self.steps = self.images = 0
        self.seconds = 0.0
        self.diverged = False
        self._since = 0.0
        self._lr = 0.0

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to go on counting."""
        return {
            "epochs": self.epochs,
            "steps": self.steps,
            "images": self.images,
            "seconds": self._elapsed(),
            "epochs_to_fit": self.epochs_to_fit,
            "steps_to_fit": self.steps_to_fit,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        for name, value in state_dict.items():
            setattr(self, name, value)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin the file and the clock."""
        if self.file is not None:
            self.file.begin(self.epochs)
        self._since = time.perf_counter()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note the learning rate that the epoch begins with."""
        self._lr = float(trainer.optimizers[0].param_groups[0]["lr"])

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Leave the epoch early when the loss is no longer finite."""
        if batch_idx % _LOOK_EVERY == 0 and not math.isfinite(float(pl_module.loss_sum)):
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Measure, record, decide."""
        self.epochs = trainer.current_epoch + 1
        self.steps = trainer.global_step
        self.images += pl_module.samples
        row: Row = {
            "epoch": self.epochs,
            "step": self.steps,
            "lr": self._lr,
            "train/running_loss": float(pl_module.loss_sum) / max(pl_module.samples, 1),
            "train/running_accuracy": float(pl_module.correct) / max(pl_module.samples, 1),
        }
        self.diverged = not math.isfinite(row["train/running_loss"])
        last = self.epochs == trainer.max_epochs or self.diverged
        if last or self.epochs % self.config.evaluate_every == 0:
            self.metrics = measure(pl_module.network, pl_module.data)
            row |= self.metrics
            self.diverged |= not math.isfinite(self.metrics["train/loss"])
            self._decide(trainer)
        row["seconds"] = round(self._elapsed(), 3)
        self.rows.append(row)
        if self.file is not None:
            self.file.append(row)
        for logger in trainer.loggers:
            logger.log_metrics(row, step=self.steps)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop the clock."""
        self.seconds = self._elapsed()
        self._since = 0.0

    def _decide(self, trainer: pl.Trainer) -> None:
        fitted = self.metrics["train/accuracy"] >= self.config.threshold
        if fitted and self.epochs_to_fit is None:
            self.epochs_to_fit, self.steps_to_fit = self.epochs, self.steps
        if self.diverged or (fitted and self.config.stop_at_train_accuracy is not None):
            trainer.should_stop = True

    def _elapsed(self) -> float:
        return self.seconds + (time.perf_counter() - self._since if self._since else 0.0)
