"""Checkpoints: where a run goes on after an interruption, and its weights when it is done."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from nullfit.ecosystem import pytorch_lightning as pl
from nullfit.errors import UserError
from nullfit.files import appearing
from nullfit.training.record import RunRecord

FOLDER = "checkpoints"
LAST = "last.ckpt"
FINAL = "final.ckpt"


class CheckpointFiles:
    """The checkpoints of one run: ``last.ckpt`` to go on from, ``final.ckpt`` with the weights.

    The format is our own, plain values and tensors: Lightning's saves the inner state of its
    loops, and a run resumed from that between two epochs loses steps. ``about`` travels in both.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder = folder / FOLDER
        self.about = dict(about)

    def save_last(
        self, network: nn.Module, optimizer: Optimizer, scheduler: LRScheduler, record: RunRecord
    ) -> None:
        """Save where the run stands between two epochs."""
        state = {
            "state_dict": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "recorder": record.state_dict(),
        }
        self._save(LAST, state)

    def save_final(self, network: nn.Module) -> None:
        """Save the final weights."""
        self._save(FINAL, {"state_dict": network.state_dict()})

    def _save(self, name: str, state: dict[str, Any]) -> None:
        with appearing(self.folder / name) as temporary:
            torch.save({**state, "nullfit": self.about}, temporary)


def restore(
    state: Mapping[str, Any],
    network: nn.Module,
    optimizer: Optimizer,
    scheduler: LRScheduler,
    record: RunRecord,
) -> None:
    """Put everything back to where `CheckpointFiles.save_last` saved it."""
    network.load_state_dict(state["state_dict"])
    optimizer.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    record.load_state_dict(state["recorder"])


class Checkpoints(pl.Callback):
    """Saves checkpoints while Lightning trains, and resumes from one.

    A checkpoint is taken when an epoch *starts*: only then have the learning-rate schedule and
    all counters moved on, so that the resumed run repeats nothing and skips nothing.
    """

    def __init__(
        self,
        files: CheckpointFiles,
        seconds: float,
        record: RunRecord,
        resume: dict[str, Any] | None,
    ) -> None:
        self.files = files
        self.seconds = seconds
        self.record = record
        self.resume = resume
        self._saved = 0.0
        self._first_epoch = 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Go on where the checkpoint stands, if there is one."""
        if self.resume is not None:
            restore(self.resume, pl_module.network, *_moving(trainer), self.record)
            _count_from(trainer, self.record)
            self.resume = None
        self._first_epoch = trainer.current_epoch
        self._saved = time.monotonic()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Save if the last checkpoint is old enough."""
        if trainer.current_epoch == self._first_epoch:
            return
        if time.monotonic() - self._saved >= self.seconds:
            self.files.save_last(pl_module.network, *_moving(trainer), self.record)
            self._saved = time.monotonic()

    def on_train_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Save the final weights."""
        self.files.save_final(pl_module.network)


def _moving(trainer: pl.Trainer) -> tuple[Optimizer, LRScheduler]:
    return trainer.optimizers[0], trainer.lr_scheduler_configs[0].scheduler


def _count_from(trainer: pl.Trainer, record: RunRecord) -> None:
    """Set Lightning's counters to those of the record."""
    epochs = trainer.fit_loop.epoch_progress
    for name in ("ready", "started", "processed", "completed"):
        setattr(epochs.current, name, record.epochs)
        setattr(epochs.total, name, record.epochs)
    steps = trainer.fit_loop.epoch_loop.automatic_optimization.optim_progress.optimizer.step
    steps.total.ready = steps.total.completed = record.steps
    trainer.fit_loop.epoch_loop._batches_that_stepped = record.steps


def resumable(folder: Path, config_hash: str) -> dict[str, Any] | None:
    """The checkpoint that a run with this hash can go on from, if there is one."""
    path = folder / FOLDER / LAST
    if not path.is_file():
        return None
    checkpoint = read_checkpoint(path)
    return checkpoint if checkpoint.get("nullfit", {}).get("config_hash") == config_hash else None


def discard_resumable(folder: Path) -> None:
    """Remove what a finished run no longer needs."""
    (folder / FOLDER / LAST).unlink(missing_ok=True)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint without running any code that it may hold.

    Raises:
        UserError: it is missing, damaged, or holds more than plain values and tensors.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise UserError(f"checkpoint={path} does not exist.") from error
    except Exception as error:  # torch raises many kinds for files that are no checkpoints
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(
            f"checkpoint={path} cannot be read: it is damaged or no checkpoint of nullfit.\n"
            f"({reason})"
        ) from error
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise UserError(f"checkpoint={path} is no checkpoint of nullfit: it holds no weights.")
    return checkpoint


def checkpoint_file(checkpoint: str) -> Path:
    """The checkpoint file that a user means by a file or by a run's folder.

    Raises:
        UserError: there is none.
    """
    path = Path(checkpoint)
    if path.is_file():
        return path
    for candidate in (path / FOLDER / FINAL, path / FOLDER / LAST, path / FINAL, path / LAST):
        if candidate.is_file():
            return candidate
    raise UserError(
        f"checkpoint={checkpoint} does not exist: give a .ckpt file or the folder of a run, "
        "e.g. checkpoint=outputs/first/<job>."
    )
