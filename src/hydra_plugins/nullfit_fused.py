"""Hydra's launcher that trains the jobs of a grid together.

It lives in this package because Hydra takes plugins from nowhere else.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hydra.core.utils import run_job
from omegaconf import open_dict

from nullfit.launchers.base import GridLauncher

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
        loader = self.hydra_context.config_loader
        config = loader.load_sweep_config(self.config, list(self.overrides[job.number]))
        with open_dict(config):
            config.hydra.job.id = config.hydra.job.num = self.first + job.number
        run_job(
            hydra_context=self.hydra_context,
            task_function=self.task_function,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
