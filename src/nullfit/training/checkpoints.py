"""Checkpoints: where a run goes on after an interruption, and its weights when it is done."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from nullfit.config.weights import CHECKPOINTS, FINAL, kept_name
from nullfit.errors import UserError
from nullfit.system.files import remove_leftovers
from nullfit.training.checkpoint_format import read_checkpoint, write_checkpoint
from nullfit.training.epoch_state import EpochState
from nullfit.training.record import RunRecord

LAST = "last.ckpt"

_FORMAT = 2


class CheckpointFiles:
    """The checkpoints of one run: ``last.ckpt`` to go on from, ``final.ckpt`` with the weights.

    ``epoch_<n>.ckpt`` has those after epoch n, where they are kept; 0 is before training.

    The format is our own, plain values and tensors: Lightning's saves the inner state of its
    loops, and a run resumed from that repeats some samples and loses others. ``about`` travels in
    both. Of the processes that share a training one ``writes``.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any], *, writes: bool = True) -> None:
        self.folder = folder / CHECKPOINTS
        self.about = dict(about)
        self.writes = writes

    def save_last(
        self,
        network: nn.Module,
        optimizer: Optimizer,
        scheduler: LRScheduler,
        record: RunRecord,
        epoch: EpochState | None,
    ) -> None:
        """Save where the run stands; ``epoch`` is None between two epochs."""
        state = {
            "format": _FORMAT,
            "state_dict": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "recorder": record.state_dict(),
            "epoch": None if epoch is None else epoch.state_dict(),
        }
        self._save(LAST, state)

    def save_final(self, network: nn.Module) -> None:
        """Save the final weights."""
        self._save(FINAL, {"state_dict": network.state_dict()})

    def save_epoch(self, network: nn.Module, epoch: int) -> None:
        """Save the weights after an epoch, which stay."""
        self._save(kept_name(epoch), {"state_dict": network.state_dict(), "epochs": epoch})

    def _save(self, name: str, state: dict[str, Any]) -> None:
        if self.writes:
            write_checkpoint(self.folder / name, {**state, "nullfit": self.about})


def restore(
    state: Mapping[str, Any],
    network: nn.Module,
    optimizer: Optimizer,
    scheduler: LRScheduler,
    record: RunRecord,
) -> EpochState | None:
    """Put everything back to where `CheckpointFiles.save_last` saved it.

    Returns where in an epoch that was; None between two.

    Raises:
        UserError: the checkpoint lacks a part.
    """
    try:
        network.load_state_dict(state["state_dict"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        record.load_state_dict(state["recorder"])
        return None if state["epoch"] is None else EpochState(**state["epoch"])
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise UserError(
            f"checkpoints/{LAST} of this run lacks what a run goes on from ({error!r}).\n"
            "Delete it to start the run over."
        ) from error


def resumable(folder: Path, config_hash: str) -> dict[str, Any] | None:
    """The checkpoint that a run with this hash can go on from, if there is one."""
    path = folder / CHECKPOINTS / LAST
    if not os.path.lexists(path):
        return None
    try:
        checkpoint = read_checkpoint(path)
    except UserError as error:
        what = str(error).splitlines()[0]
        raise UserError(f"{what}\nDelete it to start the run over.") from error
    own = checkpoint.get("nullfit", {}).get("config_hash") == config_hash
    return checkpoint if own and checkpoint.get("format") == _FORMAT else None


def discard_resumable(folder: Path) -> None:
    """Remove what a finished run no longer needs."""
    path = folder / CHECKPOINTS / LAST
    path.unlink(missing_ok=True)
    remove_leftovers(path)
