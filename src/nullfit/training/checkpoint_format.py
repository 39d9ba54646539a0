"""The file of a checkpoint: plain values and tensors, written whole, read without running code."""

import io
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nullfit.errors import UserError
from nullfit.system.files import appearing
from nullfit.system.reading import CHECKPOINT_BYTES, open_regular

_MOST_VALUES, _DEEPEST = 100_000, 50  # in what a checkpoint says of its run


def write_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write plain values and tensors; what was there before goes once they can be read again.

    Raises:
        StorageError: the disk is full, or the folder cannot be written to.
    """
    with appearing(path) as temporary:
        with temporary.open("wb") as file:
            torch.save(dict(state), file)
        read_tensors(temporary)


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
