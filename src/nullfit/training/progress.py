"""What a training tells of its progress."""

from typing import Any

from nullfit.console.progress import Progress
from nullfit.results.formats import percent
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.training.record import RunRecord


class RunProgress(pl.Callback):
    """Tells a `Progress`, which counts epochs, where Lightning is and what the record reached."""

    def __init__(self, progress: Progress, record: RunRecord) -> None:
        self.progress = progress
        self.record = record

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note how many batches a whole epoch has."""
        self._batches = int(trainer.num_training_batches)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Tell the epoch, and what the one before it reached."""
        seen = 0 if pl_module.resumed is None else pl_module.resumed.batches
        epoch = trainer.current_epoch
        words = [f"epoch {epoch + 1}/{trainer.max_epochs}", *self._reached()]
        self.progress.at(epoch + seen / self._batches, "  ".join(words))

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Move on."""
        self.progress.at(trainer.current_epoch + pl_module.batches / self._batches)

    def _reached(self) -> list[str]:
        train, metrics = self.record.training_accuracy, self.record.metrics
        if train is None:
            return []
        held_out = f" test {percent(metrics['test/accuracy'])}%" if metrics else ""
        return [f"train {percent(train)}%{held_out}"]
