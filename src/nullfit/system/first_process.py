"""Which of the processes that share a training writes and speaks.

How many share it follows from what was asked for (devices × nodes), never from the environment:
the variables that number processes are often left there by whatever started this one.
"""

import os
from typing import Literal, Protocol, runtime_checkable

Starter = Literal["torchrun", "slurm", "lightning"]


@runtime_checkable  # types are checked while the tests run
class Sharing(Protocol):
    """How many processes share a training: ``devices`` on each of ``nodes``."""

    @property
    def nodes(self) -> int:
        """Machines."""

    @property
    def processes(self) -> int:
        """On all of them together."""


def is_first(trainer: Sharing) -> bool:
    """Whether this process is the only one of its training, or the first."""
    if trainer.processes == 1:
        return True
    starter = starter_of(trainer)
    if starter == "torchrun":
        return _number("RANK") == 0
    if starter == "slurm":
        return _number("SLURM_PROCID") == 0
    left = left_by_others(trainer)
    ranks = ("LOCAL_RANK", "NODE_RANK" if "NODE_RANK" in os.environ else "GROUP_RANK")
    return all(name in left or _number(name) == 0 for name in ranks)


def starter_of(trainer: Sharing) -> Starter:
    """Who starts the processes that share a training: whoever started as many as it asks for."""
    if "TORCHELASTIC_RUN_ID" in os.environ and _number("WORLD_SIZE") == trainer.processes:
        return "torchrun"
    return "slurm" if _number("SLURM_NTASKS") == trainer.processes else "lightning"


def left_by_others(trainer: Sharing) -> set[str]:
    """The variables that Lightning would read, and that say nothing of this training.

    Lightning tells each process that it starts how many there are. On several nodes the user says
    which of them this is.
    """
    local = {"LOCAL_RANK"} if _number("WORLD_SIZE") != trainer.processes else set()
    return local | ({"NODE_RANK", "GROUP_RANK"} if trainer.nodes == 1 else set())


def _number(name: str) -> int:
    """A variable as a number; 0 if it is none."""
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else 0
