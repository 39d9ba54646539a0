"""Where metrics go besides metrics.csv."""

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxtyping import Int64
from torch import Tensor

from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import TensorBoardLogger, WandbLogger
from nullfit.data.randomized_data import RandomizedData
from nullfit.errors import UserError
from nullfit.results.grouping import label_of
from nullfit.results.metrics_file import Row
from nullfit.results.result import Result
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.system.files import refuse_links_in
from nullfit.training.training import Fit

if TYPE_CHECKING:
    from nullfit.results.findings import Findings
    from nullfit.tracking.guarded_run import GuardedRun
    from nullfit.tracking.step_losses import StepLosses

_EVENTS = "tensorboard"  # the folder of its files


@dataclass(frozen=True)
class Tracking:
    """What a run tells its logger: through ``loggers`` and ``callbacks`` while it trains, or later.

    For ``logger=csv`` all of it is empty and does nothing.
    """

    config: RunConfig
    folder: Path
    loggers: list[pl.loggers.Logger] = field(default_factory=list)
    step_losses: "StepLosses | None" = None
    wandb_run: "GuardedRun | None" = None

    @property
    def callbacks(self) -> list[pl.Callback]:
        """What looks on while Lightning trains."""
        return [] if self.step_losses is None else [self.step_losses]

    def replay(self, outcome: Fit, step_losses: Sequence[float]) -> None:
        """After a training that had no logger with it: log what one would have logged."""
        for row in outcome.rows:
            for logger in self.loggers:
                logger.log_metrics(row, step=int(row["step"]))
        if self.step_losses is not None:
            self.step_losses.record(step_losses, outcome.steps)

    def data(self, data: RandomizedData) -> None:
        """Before training: what the data look like."""
        if self.wandb_run is not None:
            from nullfit.tracking.recording import record_data  # noqa: PLC0415

            corruption = self.config.corruption
            label = label_of(corruption.name, corruption.settings)
            self.wandb_run.guarded(lambda run: record_data(run, label, data))

    def goes_on(self, rows: Sequence[Row]) -> None:
        """Before a training goes on: its epochs that no record has, as after a kill."""
        if self.wandb_run is not None:
            self.wandb_run.guarded(lambda run: self._record_lacking(run, rows))

    def _record_lacking(self, run: Any, rows: Sequence[Row]) -> None:
        from nullfit.tracking.records import lacking, records_of, run_folder  # noqa: PLC0415

        for row in lacking(records_of(run_folder(run)), rows):
            for logger in self.loggers:
                logger.log_metrics(row, step=int(row["step"]))

    def findings(self, name: str, findings: "Findings", data: RandomizedData) -> None:
        """After training: what a probe found."""
        if self.wandb_run is not None:
            from nullfit.tracking.findings import record_findings  # noqa: PLC0415

            self.wandb_run.guarded(lambda run: record_findings(run, name, findings, data))

    def result(self, result: Result, confusion: Int64[Tensor, "classes classes"]) -> None:
        """After training: what it came to."""
        if self.wandb_run is not None:
            self.wandb_run.guarded(lambda run: self._record_end(run, result, confusion))

    def _record_end(
        self, run: Any, result: Result, confusion: Int64[Tensor, "classes classes"]
    ) -> None:
        from nullfit.tracking import recording  # noqa: PLC0415

        recording.record_result(run, result, confusion)
        chosen = self.config.logger
        assert isinstance(chosen, WandbLogger)
        recording.record_artifacts(run, self.config, chosen, self.folder)
        if chosen.alert and result["status"] == "diverged":
            recording.alert_of_divergence(run, self.config, result)


@contextmanager
def tracking(config: RunConfig, folder: Path) -> Iterator[Tracking]:
    """The chosen logger for the time of a run; W&B's run is marked as failed on an error.

    Raises:
        UserError: the logger's package is not installed.
        StorageError: a link lies where it would write.
    """
    chosen = config.logger
    if isinstance(chosen, WandbLogger):
        with _wandb(config, chosen, folder) as tracked:
            yield tracked
    elif isinstance(chosen, TensorBoardLogger):
        yield Tracking(config, folder, [_tensorboard(folder)])
    else:
        yield Tracking(config, folder)


@contextmanager
def _wandb(config: RunConfig, chosen: WandbLogger, folder: Path) -> Iterator[Tracking]:
    from pytorch_lightning.loggers import WandbLogger as Writer  # noqa: PLC0415

    from nullfit.tracking.guarded_run import guarded_run  # noqa: PLC0415
    from nullfit.tracking.step_losses import StepLosses  # noqa: PLC0415
    from nullfit.tracking.wandb_run import STEP_LOSS, start_training  # noqa: PLC0415

    if chosen.mode == "disabled":
        yield Tracking(config, folder)
        return
    with guarded_run(config, chosen, folder, start_training) as run:
        losses = StepLosses(run.log, STEP_LOSS, chosen.step_loss_budget)
        # All that Lightning's writer asks of a run is that it logs.
        writer = Writer(experiment=run)  # type: ignore[arg-type]
        yield Tracking(config, folder, [writer], losses, run)


def _tensorboard(folder: Path) -> pl.loggers.Logger:
    if importlib.util.find_spec("tensorboard") is None:
        raise UserError("logger=tensorboard needs a package: pip install 'nullfit[tensorboard]'.")
    from pytorch_lightning.loggers import TensorBoardLogger as Writer  # noqa: PLC0415

    refuse_links_in(folder / _EVENTS)
    return Writer(save_dir=folder, name=None, version=_EVENTS)
