"""The sections of loggers."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from nullfit.config.sections.section import Section
from nullfit.ranges import NonNegative


class CsvLogger(Section):
    """Only metrics.csv, which every run writes."""

    name: Literal["csv"]


class TensorBoardLogger(Section):
    """TensorBoard event files in the run's folder."""

    name: Literal["tensorboard"]


def _mode_today(mode: Any) -> Any:
    """By the names that W&B's modes have today; WANDB_MODE may hold earlier ones."""
    return {"dryrun": "offline", "run": "online"}.get(mode, mode) if isinstance(mode, str) else mode


class WandbLogger(Section):
    """Weights & Biases."""

    name: Literal["wandb"]
    mode: Annotated[Literal["offline", "online", "disabled"], BeforeValidator(_mode_today)]
    project: Annotated[str, StringConstraints(min_length=1)]
    entity: str | None
    step_loss_budget: NonNegative
    patience: NonNegative
    notes: str | None = None
    artifacts: list[Literal["model", "samples"]] = Field(default_factory=list)
    alert: bool = True
