"""A job of a grid."""

from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig

from nullfit.config.schema import RunConfig


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
