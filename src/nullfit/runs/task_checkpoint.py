"""Where an interrupted task of long computation goes on."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from nullfit.config.weights import CHECKPOINTS
from nullfit.errors import UserError
from nullfit.training.checkpoint_format import read_tensors, write_checkpoint

State = TypeVar("State")  # a dataclass whose fields are plain values and tensors


class TaskCheckpoint(Generic[State]):
    """A file in the folder of a task, if there is one, that belongs to one configuration.

    It holds a dataclass of plain values and tensors.
    """

    def __init__(
        self,
        kind: Callable[..., State],
        folder: Path | None,
        name: str,
        digest: str,
        seconds: float,
    ) -> None:
        """``kind`` is the dataclass, ``seconds`` the least time between two checkpoints."""
        self._kind = kind
        self._path = None if folder is None else folder / CHECKPOINTS / name
        self._digest = digest
        self._seconds = seconds
        self._saved = time.monotonic()

    def load(self) -> State | None:
        """What was saved by a task of the same configuration.

        Raises:
            UserError: the file is damaged.
        """
        if self._path is None or not os.path.lexists(self._path):
            return None
        try:
            saved = read_tensors(self._path)
            own = saved.pop("digest") == self._digest
            return self._kind(**saved) if own else None
        except Exception as error:  # torch raises many kinds for files that are no checkpoints
            raise UserError(
                f"{self._path} cannot be read: it is damaged.\nDelete it to start over."
            ) from error

    def save_if_due(self, state: State) -> None:
        """Save, if the last checkpoint is old enough."""
        if time.monotonic() - self._saved >= self._seconds:
            self.save(state)

    def save(self, state: State) -> bool:
        """Save; false where there is no folder for it."""
        if self._path is None:
            return False
        write_checkpoint(self._path, {"digest": self._digest, **vars(state)})
        self._saved = time.monotonic()
        return True

    def discard(self) -> None:
        """Remove it once the result is written."""
        if self._path is not None and self._path.is_file():
            self._path.unlink()
            if not any(self._path.parent.iterdir()):
                self._path.parent.rmdir()
