"""Which of the processes that share a training writes and speaks."""

import os

# What torchrun, Slurm and Lightning tell each process of its place among them.
_RANKS = ("RANK", "SLURM_PROCID", "NODE_RANK", "LOCAL_RANK")


def is_first() -> bool:
    """Whether this process is the only one of its training, or the first."""
    return all(os.environ.get(name, "0") == "0" for name in _RANKS)
