"""Where an interrupted test goes on."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.files import appearing

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
        """What was saved by a test of the same configuration."""
        if self._path is None or not self._path.is_file():
            return None
        saved = torch.load(self._path, weights_only=True)
        if saved.pop("digest") != self._digest:
            return None
        return Progressed(**saved)

    def save(self, state: Progressed) -> None:
        """Save, if the last checkpoint is old enough."""
        if self._path is None or time.monotonic() - self._saved < self._seconds:
            return
        with appearing(self._path) as temporary:
            torch.save({"digest": self._digest, **asdict(state)}, temporary)
        self._saved = time.monotonic()

    def discard(self) -> None:
        """Remove it once the result is written."""
        if self._path is not None and self._path.is_file():
            self._path.unlink()
            if not any(self._path.parent.iterdir()):
                self._path.parent.rmdir()
