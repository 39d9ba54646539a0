"""Taking checkpoints while Lightning trains, and going on from one."""

import time
from typing import Any

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from nullfit.system import interruption
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.system.interruption import Interrupted
from nullfit.training.checkpoints import CheckpointFiles, restore
from nullfit.training.epoch_state import EpochState
from nullfit.training.recorder import Recorder


class Checkpoints(pl.Callback):
    """Saves where a run stands, at its start goes on from there. It stands first of the callbacks.

    A checkpoint is taken when the last one is ``seconds`` old and when the process is asked to
    stop: after a step or between two epochs. The order of samples, all sums and all generators go
    on as they were, so the resumed run repeats nothing and skips nothing. Where several processes
    share a training, each with sums and generators of its own, it is only between two epochs.
    """

    def __init__(
        self,
        files: CheckpointFiles,
        seconds: float,
        recorder: Recorder,
        resume: dict[str, Any] | None,
    ) -> None:
        self.files = files
        self.seconds = seconds
        self.recorder = recorder
        self.resume = resume
        self._saved = 0.0
        self._whole_epoch = 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Go on where the checkpoint stands, if there is one."""
        if self.resume is not None:
            record = self.recorder.record
            pl_module.resumed = restore(self.resume, pl_module.network, *_moving(trainer), record)
            _count_from(trainer, record.epochs, record.steps, pl_module.resumed)
            trainer.should_stop = record.over
            self.resume = None
        self._saved = time.monotonic()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Save between two epochs; leave out what a resumed epoch has seen before."""
        self._whole_epoch = int(trainer.fit_loop.max_batches)
        if pl_module.resumed is not None:
            trainer.fit_loop.max_batches = pl_module.resumed.batches_left(self._whole_epoch)
        elif pl_module.epoch is not None:
            self.save_if_due(trainer, pl_module)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        """A step happens whole or not at all; `AfterStep` lets signals through again."""
        interruption.hold()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """The next epoch is a whole one."""
        trainer.fit_loop.max_batches = self._whole_epoch

    def on_train_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Save the final weights, and for long work that may follow that this is the end."""
        self.files.save_final(pl_module.network)
        if pl_module.epoch is not None:
            self.save_if_due(trainer, pl_module)

    def on_exception(self, trainer: pl.Trainer, pl_module: Any, exception: BaseException) -> None:
        """Save when the process was asked to stop."""
        between = pl_module.epoch is not None and self.recorder.record.epochs > pl_module.epoch
        alone = trainer.world_size == 1 and pl_module.epoch is not None
        if isinstance(exception, Interrupted) and (alone or between):
            self._save(trainer, pl_module)
            exception.saved = True

    def save_if_due(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Save if the last checkpoint is old enough."""
        if time.monotonic() - self._saved >= self.seconds:
            self._save(trainer, pl_module)

    def _save(self, trainer: pl.Trainer, pl_module: Any) -> None:
        epoch = self._epoch(trainer, pl_module)
        record = self.recorder.record
        self.files.save_last(pl_module.network, *_moving(trainer), record, epoch)
        self._saved = time.monotonic()

    def _epoch(self, trainer: pl.Trainer, pl_module: Any) -> EpochState | None:
        if self.recorder.record.epochs > pl_module.epoch:
            return None
        return EpochState(
            batches=pl_module.batches,
            samples=pl_module.samples,
            loss_sum=float(pl_module.loss_sum),
            correct=int(pl_module.correct),
            lr=self.recorder.lr,
            seconds=self.recorder.seconds,
            over=trainer.should_stop or pl_module.batches >= self._whole_epoch,
            noise=pl_module.noise.get_state(),
            dropout=torch.get_rng_state(),
            device_dropout=(
                torch.cuda.get_rng_state(pl_module.device)
                if pl_module.device.type == "cuda"
                else None
            ),
        )


class AfterStep(pl.Callback):
    """Takes checkpoints within an epoch. It stands last: by then a step was heard by everyone."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        self.checkpoints = checkpoints

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save if it is time to, then let signals through."""
        if trainer.world_size == 1:
            self.checkpoints.save_if_due(trainer, pl_module)
        interruption.release()


def _moving(trainer: pl.Trainer) -> tuple[Optimizer, LRScheduler]:
    return trainer.optimizers[0], trainer.lr_scheduler_configs[0].scheduler


def _count_from(trainer: pl.Trainer, epochs: int, steps: int, epoch: EpochState | None) -> None:
    """Set Lightning's counters to those of the record, and of the steps after it."""
    progress = trainer.fit_loop.epoch_progress
    for name in ("ready", "started", "processed", "completed"):
        setattr(progress.current, name, epochs)
        setattr(progress.total, name, epochs)
    steps += 0 if epoch is None else epoch.batches
    done = trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress
    done.total.ready = done.total.completed = steps
    trainer.fit_loop.epoch_loop._batches_that_stepped = steps
