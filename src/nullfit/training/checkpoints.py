"""Checkpoints: where a run goes on after an interruption, and its weights when it is done."""

import time
from pathlib import Path
from typing import Any

import torch

from nullfit.ecosystem import pytorch_lightning as pl
from nullfit.errors import UserError
from nullfit.files import appearing

FOLDER = "checkpoints"
LAST = "last.ckpt"
FINAL = "final.ckpt"


class Checkpoints(pl.Callback):
    """Saves ``last.ckpt`` between epochs and ``final.ckpt`` at the end.

    A checkpoint is taken when an epoch *starts*: only then have the learning-rate schedule and
    all counters moved on, so that the resumed run repeats nothing and skips nothing.
    """

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder / FOLDER
        self.seconds = seconds
        self._saved = time.monotonic()
        self._resumed_at = 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Count the time to the next checkpoint from here."""
        self._saved = time.monotonic()
        self._resumed_at = trainer.current_epoch

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save if the last checkpoint is old enough."""
        if trainer.current_epoch == self._resumed_at:
            return
        if time.monotonic() - self._saved >= self.seconds:
            self._save(trainer, LAST)
            self._saved = time.monotonic()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save the final weights."""
        self._save(trainer, FINAL, weights_only=True)

    def _save(self, trainer: pl.Trainer, name: str, weights_only: bool = False) -> None:
        with appearing(self.folder / name) as temporary:
            trainer.save_checkpoint(temporary, weights_only=weights_only)


def resumable(folder: Path, config_hash: str) -> Path | None:
    """The checkpoint that a run with this hash can go on from, if there is one."""
    path = folder / FOLDER / LAST
    if not path.is_file():
        return None
    about = read_checkpoint(path).get("nullfit", {})
    return path if about.get("config_hash") == config_hash else None


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
            f"checkpoint={path} cannot be read: it is damaged or no checkpoint of nullfit.\n({reason})"
        ) from error
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise UserError(f"checkpoint={path} is no checkpoint of nullfit: it holds no weights.")
    return checkpoint
