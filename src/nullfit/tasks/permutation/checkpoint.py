"""Where an interrupted test goes on."""

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from jaxtyping import Float64
from torch import Tensor

from nullfit.errors import UserError
from nullfit.training.checkpoints import read_tensors, write_checkpoint

_FILE = "checkpoints/replicates.ckpt"


@dataclass(frozen=True)
class Progressed:
    """What is known after some groups: the statistics of the first ``done`` members in a row."""

    group: int
    values: Float64[Tensor, " v"]
    done: int
    observed: list[dict[str, Tensor]]


class Checkpoint:
    """A file in the folder of a test, if there is one, that belongs to one configuration."""

    def __init__(self, folder: Path | None, digest: str, seconds: float) -> None:
        """``seconds`` is the least time between two checkpoints."""
        self._path = None if folder is None else folder / _FILE
        self._digest = digest
        self._seconds = seconds
        self._saved = time.monotonic()

    def load(self) -> Progressed | None:
        """What was saved by a test of the same configuration.

        Raises:
            UserError: the file is damaged.
        """
        if self._path is None or not os.path.lexists(self._path):
            return None
        try:
            saved = read_tensors(self._path)
            own = saved.pop("digest") == self._digest
            return Progressed(**saved) if own else None
        except Exception as error:  # torch raises many kinds for files that are no checkpoints
            raise UserError(
                f"{self._path} cannot be read: it is damaged.\nDelete it to start the test over."
            ) from error

    def save_if_due(self, state: Progressed) -> None:
        """Save, if the last checkpoint is old enough."""
        if time.monotonic() - self._saved >= self._seconds:
            self.save(state)

    def save(self, state: Progressed) -> bool:
        """Save; false where there is no folder for it."""
        if self._path is None:
            return False
        write_checkpoint(self._path, {"digest": self._digest, **asdict(state)})
        self._saved = time.monotonic()
        return True

    def discard(self) -> None:
        """Remove it once the result is written."""
        if self._path is not None and self._path.is_file():
            self._path.unlink()
            if not any(self._path.parent.iterdir()):
                self._path.parent.rmdir()
