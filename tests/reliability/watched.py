"""A network that counts its training steps, and kills its own process where it is told to.

It notes each step as a byte in a file, which no death of the process takes back. The kill is a
SIGKILL in the middle of a step, or at an event of the file system: before a file is opened for
writing, renamed or removed, before a folder is made or brought to the disk.

    STEPS_FILE   where steps are noted
    DEATH_FILE   where it is noted what the process died at
    WATCHED      the folder whose events count
    KILL_AT      step:<n>, the n-th step of this process, or file:<n>, the n-th event;
                 stop:<n> asks the process to stop at the n-th step
"""

import os
import re
import signal
import sys
import time
from typing import Any

from torch import Tensor

from nullfit.models.mlp import MLP

_STEP_SECONDS = 0.004  # as if it were work: else writing checkpoints would be most of it
_KIND, _, _NUMBER = os.environ.get("KILL_AT", ":").partition(":")
_EVENTS = {"os.rename", "os.remove", "os.mkdir", "open"}


class WatchedMLP(MLP):
    """An MLP whose training steps are counted."""

    def forward(self, images: Tensor) -> Tensor:
        """The logits."""
        if self.training:
            _note_step()
        return super().forward(images)


class _Seen:
    steps = 0
    events = 0


def _note_step() -> None:
    _Seen.steps += 1
    if path := os.environ.get("STEPS_FILE"):
        _append(path, b".")
    time.sleep(_STEP_SECONDS)
    if _KIND == "step" and _Seen.steps == int(_NUMBER):
        _die("in a training step")
    if _KIND == "stop" and _Seen.steps == int(_NUMBER):
        os.kill(os.getpid(), signal.SIGTERM)


def _append(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, content)
    os.close(descriptor)


def _die(told: str) -> None:
    if path := os.environ.get("DEATH_FILE"):
        _append(path, told.encode())
    os.kill(os.getpid(), signal.SIGKILL)


def _watch(event: str, given: tuple[Any, ...]) -> None:
    if event not in _EVENTS or not isinstance(given[0], str | os.PathLike):
        return
    path = os.fspath(given[0])
    if isinstance(path, bytes) or os.environ["WATCHED"] not in os.path.abspath(path):
        return
    if event == "open" and not (os.path.isdir(path) or given[2] & (os.O_WRONLY | os.O_RDWR)):
        return
    _Seen.events += 1
    if _Seen.events == int(_NUMBER):
        _die(f"before {_told(event, path)}")


def _told(event: str, path: str) -> str:
    name = re.sub(r"^\.(.+)\.\d+@.*\.tmp", r"\1", os.path.basename(path))
    if name.endswith(".safetensors"):
        name = "the data cache"
    if event == "open":
        is_folder = os.path.isdir(path)
        return f"the names in {name}/ are on the disk" if is_folder else f"writing {name}"
    if event == "os.mkdir":
        return "making a folder"
    return f"{'renaming' if event == 'os.rename' else 'removing'} {name}"


if _KIND == "file":
    sys.addaudithook(_watch)
