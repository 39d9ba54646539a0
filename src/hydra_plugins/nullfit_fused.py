"""Hydra's launcher that trains the jobs of a grid together.

It lives in this package because Hydra takes plugins from nowhere else.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nullfit.launchers.base import GridLauncher
from nullfit.launchers.job_specification import run_by_hydra

if TYPE_CHECKING:
    from nullfit.launchers.job import Job


class FusedLauncher(GridLauncher):
    """``hydra/launcher=fused``: what can be trained together is, the rest one after the other."""

    def __init__(self, max_group: int | None) -> None:
        super().__init__()
        self.max_group = max_group

    def carry_out(self, jobs: "Sequence[Job]") -> None:
        """Carry out all jobs of a grid."""
        from nullfit.fused.launch import JobCallbacks, launch  # noqa: PLC0415
        from nullfit.runs.command import Command  # noqa: PLC0415

        command = Command.current

        def failed(job: "Job", error: Exception) -> None:
            command.failed(job.config.job, job.folder, error)
            command.job_ended()

        launch(
            jobs, JobCallbacks(self._alone, lambda _: command.job_ended(), failed), self.max_group
        )

    def _alone(self, job: "Job") -> None:
        run_by_hydra(
            self.hydra_context,
            self.task_function,
            self.config,
            self.overrides[job.number],
            self.first + job.number,
        )
