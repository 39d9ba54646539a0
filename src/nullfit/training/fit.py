"""One training, and how it is carried out alone."""

import logging
import signal
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from nullfit.config.schema import TrainerConfig
from nullfit.console.progress import Progress
from nullfit.data.module import Augment, RandomizedDataModule
from nullfit.data.randomized_data import RandomizedData
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.results.metrics_file import MetricsFile, Row
from nullfit.system import interruption
from nullfit.system.allocator import keep_freed_memory
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.system.first_process import is_first
from nullfit.training.checkpointing import AfterStep, Checkpoints
from nullfit.training.checkpoints import CheckpointFiles
from nullfit.training.classifier import Classifier, MakeOptimizer, MakeSchedule
from nullfit.training.compilation import Compute, compiled
from nullfit.training.device import check_device, device_name, device_of
from nullfit.training.execution import Execution, cheap_to_evaluate
from nullfit.training.measures import columns
from nullfit.training.progress import RunProgress
from nullfit.training.ranks import check_samples, end_others, placement, together
from nullfit.training.record import RunRecord
from nullfit.training.recorder import Recorder

if TYPE_CHECKING:
    from nullfit.training.probe import Probe


@dataclass(frozen=True)
class Fit:
    """What a training came to. ``metrics`` are those after the last epoch."""

    status: str
    metrics: dict[str, float]
    rows: list[Row]
    threshold: float
    epochs_to_fit: int | None
    steps_to_fit: int | None
    epochs: int
    steps: int
    seconds: float
    images_per_second: float
    device: str
    threads: int
    memory_format: str
    compile: str | None

    @classmethod
    def of(
        cls,
        record: RunRecord,
        device: torch.device,
        memory_format: str = "contiguous",
        mode: str | None = None,
    ) -> "Fit":
        """What a record says of a run on ``device``, with images laid out and steps compiled so."""
        return cls(
            status="diverged" if record.diverged else "completed",
            metrics=record.metrics,
            rows=record.rows,
            threshold=record.config.fit_threshold,
            epochs_to_fit=record.epochs_to_fit,
            steps_to_fit=record.steps_to_fit,
            epochs=record.epochs,
            steps=record.steps,
            seconds=record.seconds,
            images_per_second=record.images / max(record.seconds, 1e-9),
            device=device_name(device),
            threads=torch.get_num_threads(),
            memory_format=memory_format,
            compile=mode,
        )


@dataclass(frozen=True)
class Training:
    """One training: all that decides its outcome, and where it is written.

    The ``network`` is trained in place. With a ``folder``, metrics.csv and checkpoints are written
    there; ``resume`` is the content of a checkpoint of the same run to go on from, to the same
    bits. ``about`` holds plain values that travel in the checkpoints, the ``probe`` hears the
    losses of the training split.
    """

    network: nn.Module
    data: RandomizedData
    optimizer: MakeOptimizer
    schedule: MakeSchedule
    seed: int
    trainer: TrainerConfig
    batch_size: int = 128
    weight_noise: float = 0.0
    augment: Augment | None = None
    folder: Path | None = None
    resume: dict[str, Any] | None = None
    about: dict[str, Any] = field(default_factory=dict)
    title: str = "training"
    probe: "Probe | None" = None

    @property
    def epochs(self) -> int:
        """How many there are at most."""
        return self.trainer.epochs(len(self.data.train), self.batch_size)

    @property
    def execution(self) -> Execution:
        """How `fit` carries it out."""
        return Execution.of(self.network, self.data.input_shape, self.batch_size, self.trainer)

    def record(self) -> RunRecord:
        """An empty record of it, which writes metrics.csv if there is a folder."""
        file = None
        if self.folder is not None and is_first(self.trainer):
            file = MetricsFile(self.folder, columns(self.data))
        record = RunRecord(self._evaluated(), self.epochs, file)
        record.probe = self.probe
        return record

    def _evaluated(self) -> TrainerConfig:
        """`trainer`, by which the training set is evaluated each time where that costs little."""
        images = self.data.train.pixels
        if self.trainer.evaluate_train_every is not None or isinstance(images, LazyImages):
            return self.trainer
        if not cheap_to_evaluate(self.network, self.data.input_shape, self.batch_size):
            return self.trainer
        return self.trainer.model_copy(update={"evaluate_train_every": self.trainer.evaluate_every})


def fit(
    training: Training,
    loggers: Sequence[pl.loggers.Logger] = (),
    watchers: Sequence[pl.Callback] = (),
) -> Fit:
    """Train for `Training.epochs` at most, until the network has fitted, or diverged.

    ``watchers`` are callbacks that look on.

    Raises:
        UserError: `trainer` asks for what `check_device` does not find here, or for more processes
            than there are pairs of samples.
    """
    check_samples(training.trainer, len(training.data.train))
    keep_freed_memory()
    execution = training.execution
    with (
        execution.applied(training.network, training.trainer),
        compiled(training.network, execution.compile) as compute,
    ):
        record, device = _fitted(training, compute, loggers, watchers)
        return Fit.of(record, device, execution.memory_format, execution.compile)


def _fitted(
    training: Training,
    compute: Compute,
    loggers: Sequence[pl.loggers.Logger],
    watchers: Sequence[pl.Callback],
) -> tuple[RunRecord, torch.device]:
    """The record of a training, and where it was."""
    trainer, network = training.trainer, training.network
    record = training.record()
    recorder = Recorder(record)
    progress = Progress(training.title, training.epochs, at_most=True)
    callbacks: list[pl.Callback] = [recorder]
    if trainer.progress and is_first(trainer):
        callbacks.append(RunProgress(progress, record))
    callbacks += watchers
    if training.folder is not None:
        store = CheckpointFiles(training.folder, training.about, writes=is_first(trainer))
        saving = Checkpoints(store, trainer.checkpoint_seconds, recorder, training.resume)
        callbacks = [saving, *callbacks, AfterStep(saving)]
    module = Classifier(
        network,
        training.optimizer,
        training.schedule,
        training.seed,
        training.weight_noise,
        compute,
    )
    datamodule = RandomizedDataModule(
        training.data, training.batch_size, training.seed, training.augment
    )
    with progress, torch.random.fork_rng(), _quiet(), _interruptible(), together(trainer):
        lightning = _trainer(trainer, training.epochs, callbacks, list(loggers))
        datamodule.place(lightning.strategy.root_device, image_dtype(trainer))
        try:
            lightning.fit(module, datamodule=datamodule)
        except BaseException:
            end_others(lightning)
            raise
        finally:
            interruption.drop()
    return record, lightning.strategy.root_device


def image_dtype(trainer: TrainerConfig) -> torch.dtype:
    """The type of the images, which in mixed precision is that of the weights."""
    return torch.float64 if trainer.precision == "64-true" else torch.float32


def _trainer(
    trainer: TrainerConfig,
    epochs: int,
    callbacks: list[pl.Callback],
    loggers: list[pl.loggers.Logger],
) -> pl.Trainer:
    check_device(trainer)
    on_gpu = device_of(trainer).type == "cuda"
    return pl.Trainer(
        accelerator="gpu" if on_gpu else "cpu",
        **placement(trainer),
        max_epochs=epochs,
        precision=trainer.precision,
        # On a CPU everything repeats anyway, and the flag would cost time there.
        deterministic="warn" if trainer.deterministic and on_gpu else None,
        callbacks=callbacks,
        logger=loggers or False,
        log_every_n_steps=2**31,
        limit_val_batches=0,
        num_sanity_val_steps=0,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl+C stays KeyboardInterrupt: Lightning would exit the process and leave the signal off."""
    try:
        yield
    except SystemExit as stopped:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        raise KeyboardInterrupt from stopped


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Lightning's advice, which is about loaders and loggers that we do not use."""
    for name in ("pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"(pytorch_lightning|lightning_fabric)\..*")
        yield
