"""The checkpoint that a user names: which file is meant, and its weights."""

from pathlib import Path
from shlex import quote

import torch
from torch import nn

from nullfit.config.weights import CHECKPOINTS, FINAL
from nullfit.errors import UserError
from nullfit.system.files import at_home
from nullfit.training.checkpoint_format import read_checkpoint
from nullfit.training.checkpoints import LAST


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
    for candidate in (
        path / CHECKPOINTS / FINAL,
        path / CHECKPOINTS / LAST,
        path / FINAL,
        path / LAST,
    ):
        if candidate.is_file():
            return candidate
    runs = sorted(path.glob(f"*/{CHECKPOINTS}/{FINAL}"))
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
