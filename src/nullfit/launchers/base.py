"""What the launchers of a grid have in common as plugins of Hydra."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from hydra.core.utils import JobReturn, JobStatus, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from nullfit.launchers.job_specification import JobOutcome, JobSpecification, carry_out
from nullfit.runs.command import Command

if TYPE_CHECKING:
    from nullfit.launchers.job import Job


class GridLauncher(Launcher):
    """Turns what Hydra hands over into jobs. How they are carried out is the subclass's own."""

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Keep what launching needs; it is checked once more, as Hydra composed it."""
        from nullfit.config.hydra_settings import check_hydra  # noqa: PLC0415

        check_hydra(config)
        self.hydra_context = hydra_context
        self.task_function = task_function
        self.config = config

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        """Carry out the jobs; each has its result in its own folder, as if it had run alone."""
        # Hydra imports every launcher at every start, so imports wait until one is used.
        from nullfit.launchers.job import Job  # noqa: PLC0415

        setup_globals()
        self.overrides, self.first = job_overrides, initial_job_idx
        jobs = []
        for number, overrides in enumerate(job_overrides):
            config = self._composed(overrides)
            jobs.append(Job(number, config, Command.current.validated(overrides, config)))
        self.carry_out(jobs)
        # Errors are reported by the command line, all of them, at the end.
        return [JobReturn(status=JobStatus.COMPLETED) for _ in jobs]

    @abstractmethod
    def carry_out(self, jobs: "Sequence[Job]") -> None:
        """Carry out all jobs of a grid."""

    def call_of(self, job: "Job") -> Callable[[], JobOutcome]:
        """What another process is to call to carry out a job."""
        number = self.first + job.number
        overrides = self.overrides[job.number]
        specification = JobSpecification.here(
            overrides, number, job.folder, self.config, self.hydra_context, job.config
        )
        return partial(carry_out, specification)

    def _composed(self, overrides: Sequence[str]) -> DictConfig:
        config = Command.current.planned(overrides)
        if config is not None:
            return config
        return self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
