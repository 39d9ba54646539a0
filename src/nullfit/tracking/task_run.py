"""A task that trains no single network, as a run in Weights & Biases."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.console.messages import warn
from nullfit.results.result import Result

if TYPE_CHECKING:
    from nullfit.charts.figure import Figure
    from nullfit.tracking.guarded_run import GuardedRun


@dataclass(frozen=True)
class TaskRecord:
    """What a task tells W&B. Without a ``wandb_run`` (logger=csv, …) nothing is done."""

    wandb_run: "GuardedRun | None" = None

    def log(self, values: Mapping[str, float], step: int | None = None) -> None:
        """One row of values, by the names they have in result.json; ``step`` is their axis.

        Rows may come in any order of steps: the axis is a value of its own, named ``step``.
        """
        if self.wandb_run is not None:
            self.wandb_run.log({**values, **({} if step is None else {"step": step})})

    def figure(self, name: str, figure: "Figure") -> None:
        """A figure, as a picture."""
        if self.wandb_run is not None:
            import wandb  # noqa: PLC0415

            from nullfit.tracking.pictures import picture_of  # noqa: PLC0415

            self.wandb_run.guarded(
                lambda run: run.log({name: wandb.Image(picture_of(figure), file_type="png")})
            )

    def result(self, result: Result) -> None:
        """What the task came to: its metrics, the numbers of its own section, its cost."""
        if self.wandb_run is not None:
            self.wandb_run.guarded(lambda run: run.summary.update(summary_of(result)))


@contextmanager
def task_run(config: RunConfig, folder: Path) -> Iterator[TaskRecord]:
    """One run in W&B for the time of a task, with its files below ``folder``/wandb.

    It has the same id whenever the same configuration is run in the same study, and is marked as
    failed on an error. With another logger, or ``logger.mode=disabled``, nothing is recorded and
    wandb is not imported.
    """
    chosen = config.logger
    if not isinstance(chosen, WandbLogger) or chosen.mode == "disabled":
        if chosen.name == "tensorboard":
            warn(f"logger=tensorboard records trainings only; task={config.task.name} has wandb.")
        yield TaskRecord()
        return
    from nullfit.tracking.guarded_run import guarded_run  # noqa: PLC0415

    with guarded_run(config, chosen, folder) as run:
        run.guarded(lambda wandb_run: wandb_run.define_metric("step"))
        yield TaskRecord(run)


def summary_of(result: Result) -> dict[str, Any]:
    """The metrics of a result by their names; fields of the task's section as ``<task>/<field>``.

    Lists are left out: tables and arrays lie beside the result.
    """
    cost = {key: result[key] for key in ("status", "wall_seconds", "device", "threads")
            if key in result}  # fmt: skip
    section = result.get(result["task"])
    own = dict(_values(section, f"{result['task']}/")) if isinstance(section, Mapping) else {}
    return {**own, **result.get("metrics", {}), **cost}


def _values(fields: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _values(value, f"{prefix}{name}/")
        elif isinstance(value, str | int | float | bool):
            yield f"{prefix}{name}", value
