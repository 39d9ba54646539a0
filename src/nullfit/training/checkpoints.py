"""Checkpoints: where a run goes on after an interruption, and its weights when it is done."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from nullfit.ecosystem import pytorch_lightning as pl
from nullfit.errors import UserError
from nullfit.files import appearing
from nullfit.training.recorder import Recorder

FOLDER = "checkpoints"
LAST = "last.ckpt"
FINAL = "final.ckpt"


class Checkpoints(pl.Callback):
    """Saves ``last.ckpt`` between epochs, ``final.ckpt`` at the end, and resumes from the former.

    A checkpoint is taken when an epoch *starts*: only then have the learning-rate schedule and
    all counters moved on, so that the resumed run repeats nothing and skips nothing. The format is
    our own, plain values and tensors: Lightning's saves the inner state of its loops, and a run
    resumed from that between two epochs loses steps.
    """

    def __init__(
        self, folder: Path, seconds: float, recorder: Recorder, about: Mapping[str, Any]
    ) -> None:
        self.folder = folder / FOLDER
        self.seconds = seconds
        self.recorder = recorder
        self.about = dict(about)
        self.resume: dict[str, Any] | None = None
        self._saved = 0.0
        self._first_epoch = 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Go on where the checkpoint stands, if there is one."""
        if self.resume is not None:
            _restore(trainer, pl_module, self.recorder, self.resume)
            self.resume = None
        self._first_epoch = trainer.current_epoch
        self._saved = time.monotonic()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Save if the last checkpoint is old enough."""
        if trainer.current_epoch == self._first_epoch:
            return
        if time.monotonic() - self._saved >= self.seconds:
            self._save(LAST, _state(trainer, pl_module, self.recorder))
            self._saved = time.monotonic()

    def on_train_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Save the final weights."""
        self._save(FINAL, {"state_dict": pl_module.network.state_dict()})

    def _save(self, name: str, state: dict[str, Any]) -> None:
        with appearing(self.folder / name) as temporary:
            torch.save({**state, "nullfit": self.about}, temporary)


def _state(trainer: pl.Trainer, module: Any, recorder: Recorder) -> dict[str, Any]:
    return {
        "state_dict": module.network.state_dict(),
        "optimizer": trainer.optimizers[0].state_dict(),
        "scheduler": trainer.lr_scheduler_configs[0].scheduler.state_dict(),
        "recorder": recorder.state_dict(),
    }


def _restore(trainer: pl.Trainer, module: Any, recorder: Recorder, state: dict[str, Any]) -> None:
    module.network.load_state_dict(state["state_dict"])
    trainer.optimizers[0].load_state_dict(state["optimizer"])
    trainer.lr_scheduler_configs[0].scheduler.load_state_dict(state["scheduler"])
    recorder.load_state_dict(state["recorder"])
    epochs = trainer.fit_loop.epoch_progress
    for name in ("ready", "started", "processed", "completed"):
        setattr(epochs.current, name, recorder.epochs)
        setattr(epochs.total, name, recorder.epochs)
    steps = trainer.fit_loop.epoch_loop.automatic_optimization.optim_progress.optimizer.step
    steps.total.ready = steps.total.completed = recorder.steps
    trainer.fit_loop.epoch_loop._batches_that_stepped = recorder.steps


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
