"""Hydra's launcher for clusters that are managed by Slurm.

It lives in this package because Hydra takes plugins from nowhere else. The plugin that is published
for submitit submits finished jobs again, starts a job that ran out of time from its beginning, and
waits for ever where Slurm keeps no accounts.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.launchers.base import GridLauncher

if TYPE_CHECKING:
    from nullfit.launchers.job import Job


class SlurmLauncher(GridLauncher):
    """``hydra/launcher=slurm``: each job is a task of one array of Slurm."""

    def __init__(self, requeues: int, poll_seconds: float, **resources: Any) -> None:
        super().__init__()
        self.requeues = requeues
        self.poll_seconds = poll_seconds
        self.resources = resources

    def carry_out(self, jobs: "Sequence[Job]") -> None:
        """Submit all jobs that have no result yet, and wait for them."""
        from nullfit.errors import UserError  # noqa: PLC0415
        from nullfit.launchers.slurm import Resources, run_on_cluster  # noqa: PLC0415
        from nullfit.launchers.sweep import Sweep  # noqa: PLC0415

        if find_spec("submitit") is None:
            raise UserError("hydra/launcher=slurm needs a package: pip install 'nullfit[slurm]'.")
        sweep = Sweep(jobs)
        if sweep.left:
            run_on_cluster(
                sweep.left,
                self.call_of,
                Resources(**self.resources),
                Path(self.config.hydra.sweep.dir).resolve(),
                sweep.ended,
                self.requeues,
                self.poll_seconds,
            )
