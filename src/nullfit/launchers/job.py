"""A job of a grid."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig

from nullfit.config.schema import RunConfig
from nullfit.launchers.job_specification import JobOutcome


@dataclass(frozen=True)
class Job:
    """A job of a grid: its place in it, its composed and its checked configuration."""

    number: int
    composed: DictConfig
    config: RunConfig

    @property
    def folder(self) -> Path:
        """Where it writes."""
        return Path(self.config.outputs) / self.config.study / self.config.job


Work = Callable[[Job], Callable[[], JobOutcome]]  # what another process is to call for a job
Ended = Callable[[Job, JobOutcome], None]
