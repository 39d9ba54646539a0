"""What this process knows of the command that it carries out, and what became of its jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from omegaconf import DictConfig

from nullfit.console.messages import warn
from nullfit.errors import StorageError, brief, by_reason
from nullfit.results.failure import note_failure

if TYPE_CHECKING:
    from nullfit.config.plan import Plan
    from nullfit.config.schema import RunConfig


@dataclass
class Command:
    """A command line on its way.

    Jobs that a launcher runs in other processes find one without a plan, and raise their errors
    instead of keeping them. ``runs`` are the validated settings of the plan's jobs. ``done`` counts
    jobs that came to their end, one way or the other; after ``halted`` none is begun.
    """

    current: ClassVar["Command"]  # that of this process

    plan: "Plan | None" = None
    runs: "Mapping[tuple[str, ...], RunConfig]" = field(default_factory=dict)
    done: int = 0
    halted: bool = False
    trials: int = 0  # jobs of a search, most of which are not planned yet
    failures: list[tuple[str, Exception]] = field(default_factory=list)

    @property
    def jobs(self) -> int:
        """How many the command asks for; 0 in other processes."""
        return 0 if self.plan is None else max(len(self.plan.jobs), self.trials)

    @property
    def multirun(self) -> bool:
        """Whether it is a grid."""
        return self.plan is not None and self.plan.multirun

    @property
    def study(self) -> Path | None:
        """The folder that all its jobs write to."""
        if self.plan is None or not self.plan.jobs:
            return None
        config = self.plan.configs[0]
        return Path(str(config.outputs), str(config.study))

    @property
    def counter(self) -> str:
        """How many jobs are done, e.g. ``[3/12]``."""
        return f"[{self.done}/{self.jobs}]"

    @property
    def lost(self) -> str:
        """How many jobs failed, e.g. ``2 of 12 jobs failed``, and how many were not begun."""
        left = self.jobs - self.done
        rest = f", {left} were not begun" if self.halted and left else ""
        return f"{len(self.failures)} of {self.jobs} jobs failed{rest}"

    def failures_by_reason(self) -> dict[str, list[tuple[str, Exception]]]:
        """Jobs that failed with their errors, by what was wrong."""
        reasons = {number: brief(error) for number, (_, error) in enumerate(self.failures)}
        found = by_reason(reasons)
        return {reason: [self.failures[n] for n in numbers] for reason, numbers in found.items()}

    def planned(self, overrides: Sequence[str]) -> DictConfig | None:
        """The configuration of a job, composed and checked already."""
        return None if self.plan is None else self.plan.jobs.get(tuple(overrides))

    def validated(self, overrides: Sequence[str], config: DictConfig) -> "RunConfig":
        """The settings of a job, checked when the command was planned, or now in other processes.

        Raises:
            UserError: as `validate`.
        """
        # `--help` imports this module, and has no use for the schema
        from nullfit.config.validation import validate

        run = self.runs.get(tuple(overrides))
        return validate(config) if run is None else run

    def job_ended(self) -> None:
        """Count a job that came to its end."""
        self.done += 1

    def failed(self, job: str, folder: Path, error: Exception, *, writes: bool = True) -> None:
        """Keep an error for the end, since the other jobs of a grid still run.

        Not so where nothing can be written any more: the others would meet the same. Of the
        processes that share a training one ``writes`` the note in its folder.
        """
        if self.halted:
            return
        if writes:
            note_failure(folder, error, of_grid=self.multirun)
        self.halted = isinstance(error, StorageError)
        before = [other for other, met in self.failures if brief(met) == brief(error)]
        self.failures.append((job, error))
        if self.multirun and not self.halted:
            kind = f"as {before[0]} did" if before else f"({type(error).__name__})"
            warn(f"{job} failed {kind}; going on with the rest.")


Command.current = Command()
