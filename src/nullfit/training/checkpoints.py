"""Checkpoints: where a run goes on after an interruption, and its weights when it is done."""

import io
import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from nullfit.config.weights import CHECKPOINTS, FINAL, kept_name
from nullfit.errors import UserError
from nullfit.system.files import appearing, at_home, remove_leftovers
from nullfit.system.reading import CHECKPOINT_BYTES, open_regular
from nullfit.training.epoch_state import EpochState
from nullfit.training.record import RunRecord

FOLDER = CHECKPOINTS
LAST = "last.ckpt"

_FORMAT = 2
_MOST_VALUES, _DEEPEST = 100_000, 50  # in what a checkpoint says of its run


class CheckpointFiles:
    """The checkpoints of one run: ``last.ckpt`` to go on from, ``final.ckpt`` with the weights.

    ``epoch_<n>.ckpt`` has those after epoch n, where they are kept; 0 is before training.

    The format is our own, plain values and tensors: Lightning's saves the inner state of its
    loops, and a run resumed from that repeats some samples and loses others. ``about`` travels in
    both. Of the processes that share a training one ``writes``.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any], *, writes: bool = True) -> None:
        self.folder = folder / FOLDER
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


def write_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write plain values and tensors; what was there before goes once they can be read again.

    Raises:
        StorageError: the disk is full, or the folder cannot be written to.
    """
    with appearing(path) as temporary:
        with temporary.open("wb") as file:
            torch.save(dict(state), file)
        read_tensors(temporary)


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
    path = folder / FOLDER / LAST
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
    path = folder / FOLDER / LAST
    path.unlink(missing_ok=True)
    remove_leftovers(path)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint without running any code that it may hold.

    Raises:
        UserError: it is missing, damaged, or holds more than plain values and tensors.
    """
    checkpoint = _read_values(path)
    about = checkpoint.get("nullfit", {}) if isinstance(checkpoint, dict) else None
    weights = checkpoint.get("state_dict") if isinstance(checkpoint, dict) else None
    if not isinstance(weights, Mapping) or not _is_about(about):
        raise UserError(f"checkpoint={path} is no checkpoint of nullfit: it holds no weights.")
    if not all(isinstance(value, Tensor) for value in weights.values()):
        raise UserError(f"checkpoint={path} is damaged: what it calls weights are no tensors.")
    return dict(checkpoint)


def _is_about(about: Any) -> bool:
    """Whether it is what a checkpoint says of its run, and no more than that can be."""
    named = isinstance(about, Mapping) and isinstance(about.get("config", {}), Mapping)
    waiting, seen = [(about, 0)], 0
    while named and waiting:  # parts may stand in each other many times, and in themselves
        value, depth = waiting.pop()
        inner = value.values() if isinstance(value, Mapping) else value
        if isinstance(value, Mapping | list | tuple):
            waiting += [(item, depth + 1) for item in inner]
        seen += 1
        named = seen <= _MOST_VALUES and depth <= _DEEPEST
    return named


def _read_values(path: Path) -> Any:
    """The plain values and tensors in a file of torch's.

    Raises:
        UserError: it is missing, damaged, or holds more than that.
    """
    try:
        return read_tensors(path)
    except FileNotFoundError as error:
        raise UserError(f"checkpoint={path} does not exist.") from error
    except Exception as error:  # torch raises many kinds for files that are no checkpoints
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if isinstance(error, pickle.UnpicklingError):
            reason = "it holds more than plain values and tensors, which could be code; not opened"
        raise UserError(
            f"checkpoint={path} cannot be read: it is damaged or no checkpoint of nullfit.\n"
            f"({reason})"
        ) from error


def read_tensors(path: Path) -> Any:
    """What `write_checkpoint` wrote, if it is still that: torch itself does not check the sums.

    torch packs nothing, so that the parts take no more room than the file. A file whose list of
    parts says otherwise is not unpacked at all: a few bytes may come to any number.
    """
    with open_regular(path, CHECKPOINT_BYTES, links=True) as file:
        content = file.read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if any(part.compress_type != zipfile.ZIP_STORED for part in parts):
            raise ValueError("its parts are packed, which torch never does")
        if sum(part.file_size for part in parts) > len(content):
            raise ValueError("its parts are larger than the file")
        damaged = archive.testzip()
    if damaged is not None:
        raise ValueError(f"wrong checksum of {damaged}")
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def load_weights(network: nn.Module, path: Path, name: str) -> None:
    """Put a checkpoint's weights into ``network``, in the precision that they were trained in.

    Raises:
        UserError: they belong to another architecture or input shape.
    """
    weights = read_checkpoint(path)["state_dict"]
    double = any(value.dtype == torch.float64 for value in weights.values())
    network.to(torch.float64 if double else torch.float32)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise UserError(
            f"checkpoint={path} does not fit model={name} on this data: {reason}\n"
            "Give the model and data settings that it was trained with."
        ) from error


def checkpoint_file(checkpoint: str, key: str = "checkpoint") -> Path:
    """The checkpoint file that a user means by a file or by a run's folder, given as ``key``.

    Raises:
        UserError: there is none.
    """
    path = Path(at_home(checkpoint))
    if path.exists() and not path.is_dir():
        return path
    for candidate in (path / FOLDER / FINAL, path / FOLDER / LAST, path / FINAL, path / LAST):
        if candidate.is_file():
            return candidate
    runs = sorted(path.glob(f"*/{FOLDER}/{FINAL}"))
    if runs:
        example = quote(f"{key}={runs[0].parent.parent}")
        raise UserError(
            f"{key}={checkpoint} is a study of {len(runs)} trained networks: name one of "
            f"them.\nFor example: {example}"
        )
    what = "holds no checkpoint" if path.is_dir() else "does not exist"
    file = "a .ckpt file or " if key == "checkpoint" else ""
    raise UserError(
        f"{key}={checkpoint} {what}: give {file}the folder of a run, "
        f"e.g. {key}=outputs/first/<job>."
    )
