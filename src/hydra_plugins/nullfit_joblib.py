"""Hydra's launcher for several processes on one machine.

It lives in this package because Hydra takes plugins from nowhere else. The plugin that is
published under this name runs finished jobs again, and its first failing job hides all others.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nullfit.launchers.base import GridLauncher

if TYPE_CHECKING:
    from nullfit.launchers.job import Job


class JoblibLauncher(GridLauncher):
    """``hydra/launcher=joblib``: several jobs at once, which share the cores of the machine."""

    def __init__(self, n_jobs: int | None) -> None:
        super().__init__()
        self.n_jobs = n_jobs

    def carry_out(self, jobs: "Sequence[Job]") -> None:
        """Carry out all jobs that have no result yet."""
        from nullfit.console.messages import number_of, say  # noqa: PLC0415
        from nullfit.launchers.cores import divided, usable_cores  # noqa: PLC0415
        from nullfit.launchers.processes import run_in_processes  # noqa: PLC0415
        from nullfit.launchers.sweep import Sweep  # noqa: PLC0415

        sweep = Sweep(jobs)
        if not sweep.left:
            return
        share = divided(usable_cores(), self.n_jobs, [job.config for job in sweep.left])
        threads = number_of(share.threads, "thread")
        say(f"{len(sweep.left)} jobs, {share.jobs} at once with {threads} each")
        run_in_processes(sweep.left, self.call_of, share, sweep.ended)
