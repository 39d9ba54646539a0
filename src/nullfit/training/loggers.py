"""Where metrics go besides metrics.csv."""

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxtyping import Int64
from torch import Tensor

from nullfit.config.schema import RunConfig, TensorBoardLogger, WandbLogger
from nullfit.data.randomized_data import RandomizedData
from nullfit.ecosystem import pytorch_lightning as pl
from nullfit.errors import UserError
from nullfit.results.result import Result
from nullfit.training.fit import Fit

if TYPE_CHECKING:
    from nullfit.probes.probe import Findings
    from nullfit.tracking.step_losses import StepLosses


@dataclass(frozen=True)
class Tracking:
    """What a run tells its logger: through ``loggers`` and ``callbacks`` while it trains, or later.

    For ``logger=csv`` all of it is empty and does nothing.
    """

    config: RunConfig
    loggers: list[pl.loggers.Logger] = field(default_factory=list)
    step_losses: "StepLosses | None" = None
    wandb_run: Any = None

    @property
    def callbacks(self) -> list[pl.Callback]:
        """What looks on while Lightning trains."""
        return [] if self.step_losses is None else [self.step_losses]

    def replay(self, outcome: Fit, step_losses: Sequence[float]) -> None:
        """After a training that had no logger with it: what it would have told one."""
        for row in outcome.rows:
            for logger in self.loggers:
                logger.log_metrics(row, step=int(row["step"]))
        if self.step_losses is not None:
            self.step_losses.record(step_losses, outcome.steps, outcome.seconds)

    def data(self, data: RandomizedData) -> None:
        """Before training: what the data look like."""
        if self.wandb_run is not None:
            from nullfit.tracking.wandb_run import record_data  # noqa: PLC0415

            record_data(self.wandb_run, self.config.corruption.name, data)

    def findings(self, name: str, findings: "Findings") -> None:
        """After training: what a probe found."""
        if self.wandb_run is not None:
            from nullfit.tracking.wandb_run import record_findings  # noqa: PLC0415

            record_findings(self.wandb_run, name, findings)

    def result(self, result: Result, confusion: Int64[Tensor, "classes classes"]) -> None:
        """After training: what it came to."""
        if self.wandb_run is not None:
            from nullfit.tracking.wandb_run import record_result  # noqa: PLC0415

            record_result(self.wandb_run, result, confusion)


@contextmanager
def tracking(config: RunConfig, folder: Path) -> Iterator[Tracking]:
    """The chosen logger for the time of a run; W&B's run is marked as failed on an error.

    Raises:
        UserError: the logger's package is not installed.
    """
    chosen = config.logger
    if isinstance(chosen, WandbLogger):
        with _wandb(config, chosen, folder) as tracked:
            yield tracked
    elif isinstance(chosen, TensorBoardLogger):
        yield Tracking(config, [_tensorboard(folder)])
    else:
        yield Tracking(config)


@contextmanager
def _wandb(config: RunConfig, chosen: WandbLogger, folder: Path) -> Iterator[Tracking]:
    from pytorch_lightning.loggers import WandbLogger as Writer  # noqa: PLC0415

    from nullfit.tracking.step_losses import StepLosses  # noqa: PLC0415
    from nullfit.tracking.wandb_run import STEP_LOSS, files_in, start_training  # noqa: PLC0415

    if chosen.mode == "disabled":
        yield Tracking(config)
        return
    with files_in(folder / "wandb"):
        run = start_training(config, chosen, folder)
        exit_code = 1
        try:
            losses = StepLosses(run.log, STEP_LOSS, chosen.step_loss_budget)
            yield Tracking(config, [Writer(experiment=run)], losses, run)
            exit_code = 0
        finally:  # so that the next run in this process gets its own
            run.finish(exit_code=exit_code)


def _tensorboard(folder: Path) -> pl.loggers.Logger:
    if importlib.util.find_spec("tensorboard") is None:
        raise UserError("logger=tensorboard needs a package: pip install 'nullfit[tensorboard]'.")
    from pytorch_lightning.loggers import TensorBoardLogger as Writer  # noqa: PLC0415

    return Writer(save_dir=folder, name=None, version="tensorboard")
