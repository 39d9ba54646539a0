"""Where an interrupted test goes on."""

from dataclasses import dataclass
from pathlib import Path

from jaxtyping import Float64
from torch import Tensor

from nullfit.runs.task_checkpoint import TaskCheckpoint


@dataclass(frozen=True)
class Progressed:
    """What is known after some groups: the statistics of the first ``done`` members in a row."""

    group: int
    values: Float64[Tensor, " v"]
    done: int
    observed: list[dict[str, Tensor]]


class Checkpoint(TaskCheckpoint[Progressed]):
    """A file in the folder of a test, if there is one, that belongs to one configuration."""

    def __init__(self, folder: Path | None, digest: str, seconds: float) -> None:
        """``seconds`` is the least time between two checkpoints."""
        super().__init__(Progressed, folder, "replicates.ckpt", digest, seconds)
