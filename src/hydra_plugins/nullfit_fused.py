"""Hydra's launcher that trains the jobs of a grid together.

It lives in this package because Hydra takes plugins from nowhere else.
"""

from collections.abc import Sequence

from hydra.core.utils import JobReturn, JobStatus, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict


class FusedLauncher(Launcher):
    """``hydra/launcher=fused``: what can be trained together is, the rest one after the other."""

    def __init__(self, max_group: int | None) -> None:
        super().__init__()
        self.max_group = max_group

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Keep what launching needs."""
        self.hydra_context = hydra_context
        self.task_function = task_function
        self.config = config

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        """Carry out the jobs; each has its result in its own folder, as if it had run alone."""
        from nullfit.cli import job_failed, job_over  # noqa: PLC0415
        from nullfit.config.validation import validate  # noqa: PLC0415
        from nullfit.fused.launch import Job, Ways, launch  # noqa: PLC0415

        setup_globals()
        returned: dict[int, JobReturn] = {}

        def alone(job: Job) -> None:
            index = initial_job_idx + job.number
            returned[job.number] = self._alone(job_overrides[job.number], index)

        def failed(job: Job, error: Exception) -> None:
            job_failed(job.config.job, job.folder, error)
            job_over()

        composed = [self._composed(overrides) for overrides in job_overrides]
        jobs = [Job(number, config, validate(config)) for number, config in enumerate(composed)]
        launch(jobs, Ways(alone, lambda _: job_over(), failed), self.max_group)
        fused = JobReturn(status=JobStatus.COMPLETED)
        return [returned.get(job.number, fused) for job in jobs]

    def _composed(self, overrides: Sequence[str]) -> DictConfig:
        from nullfit.cli import planned  # noqa: PLC0415

        config = planned(list(overrides))
        if config is not None:
            return config
        return self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))

    def _alone(self, overrides: Sequence[str], index: int) -> JobReturn:
        loader = self.hydra_context.config_loader
        config = loader.load_sweep_config(self.config, list(overrides))
        with open_dict(config):
            config.hydra.job.id = config.hydra.job.num = index
        return run_job(
            hydra_context=self.hydra_context,
            task_function=self.task_function,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
