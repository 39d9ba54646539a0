"""How the cores of a machine are divided among jobs that run at once."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from nullfit.config.schema import RunConfig

# What torch, NumPy and their libraries read before they start their threads.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Share:
    """So many jobs at once with so many threads each."""

    jobs: int
    threads: int

    @property
    def environment(self) -> dict[str, str]:
        """The variables that hold a process to its threads."""
        return dict.fromkeys(_THREADS, str(self.threads))


def usable_cores() -> int:
    """How many this process may use; taskset and containers leave it fewer than there are."""
    import joblib  # noqa: PLC0415 - `Share` alone does not need it

    return int(joblib.cpu_count())


def divided(cores: int, n_jobs: int | None, configs: Sequence[RunConfig]) -> Share:
    """Divide the cores so that all of them are busy and none has two threads to carry.

    ``trainer.threads``, or else OMP_NUM_THREADS, says how many threads a job has. Without them it
    is what is left for each of ``n_jobs``, and without that there are as many jobs as cores.
    """
    asked = [config.trainer.threads for config in configs if config.trainer.threads is not None]
    preset = os.environ.get("OMP_NUM_THREADS", "")
    threads = max(asked) if asked else int(preset) if preset.isdigit() and int(preset) else None
    jobs = min(n_jobs or max(cores // (threads or 1), 1), max(len(configs), 1))
    return Share(jobs, threads or max(cores // jobs, 1))
