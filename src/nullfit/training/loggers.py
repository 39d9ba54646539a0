"""Where metrics go besides metrics.csv."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaxtyping import Int64
from torch import Tensor

from nullfit.config.schema import RunConfig, TensorBoardLogger, WandbLogger
from nullfit.data.randomized_data import RandomizedData
from nullfit.ecosystem import pytorch_lightning as pl
from nullfit.errors import UserError
from nullfit.results.result import Result


@dataclass(frozen=True)
class Tracking:
    """What a run tells its logger: through ``loggers`` and ``callbacks`` while it trains.

    For ``logger=csv`` all of it is empty and does nothing.
    """

    config: RunConfig
    loggers: list[pl.loggers.Logger] = field(default_factory=list)
    callbacks: list[pl.Callback] = field(default_factory=list)
    wandb_run: Any = None

    def data(self, data: RandomizedData) -> None:
        """Before training: what the data look like."""
        if self.wandb_run is not None:
            from nullfit.tracking.wandb_run import record_data  # noqa: PLC0415

            record_data(self.wandb_run, self.config.corruption.name, data)

    def result(self, result: Result, confusion: Int64[Tensor, "classes classes"]) -> None:
        """After training: what it came to."""
        if self.wandb_run is not None:
            from nullfit.tracking.wandb_run import record_result  # noqa: PLC0415

            record_result(self.wandb_run, result, confusion)


@contextmanager
def tracking(config: RunConfig, folder: Path, config_hash: str) -> Iterator[Tracking]:
    """The chosen logger for the time of a run; W&B's run is marked as failed on an error.

    Raises:
        UserError: the logger's package is not installed.
    """
    chosen = config.logger
    if isinstance(chosen, WandbLogger):
        with _wandb(config, chosen, folder, config_hash) as tracked:
            yield tracked
    elif isinstance(chosen, TensorBoardLogger):
        yield Tracking(config, [_tensorboard(folder)])
    else:
        yield Tracking(config)


@contextmanager
def _wandb(
    config: RunConfig, chosen: WandbLogger, folder: Path, config_hash: str
) -> Iterator[Tracking]:
    from pytorch_lightning.loggers import WandbLogger as Writer  # noqa: PLC0415

    from nullfit.tracking.step_losses import StepLosses  # noqa: PLC0415
    from nullfit.tracking.wandb_run import STEP_LOSS, files_in, start  # noqa: PLC0415

    if chosen.mode == "disabled":
        yield Tracking(config)
        return
    with files_in(folder / "wandb"):
        run = start(config, chosen, folder, config_hash)
        exit_code = 1
        try:
            losses = StepLosses(run.log, STEP_LOSS, chosen.step_loss_budget)
            yield Tracking(config, [Writer(experiment=run)], [losses], run)
            exit_code = 0
        finally:  # so that the next run in this process gets its own
            run.finish(exit_code=exit_code)


def _tensorboard(folder: Path) -> pl.loggers.Logger:
    if importlib.util.find_spec("tensorboard") is None:
        raise UserError("logger=tensorboard needs a package: pip install 'nullfit[tensorboard]'.")
    from pytorch_lightning.loggers import TensorBoardLogger as Writer  # noqa: PLC0415

    return Writer(save_dir=folder, name=None, version="tensorboard")
