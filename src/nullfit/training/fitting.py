"""How one training is carried out alone."""

import logging
import signal
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.console.progress import Progress
from nullfit.data.module import RandomizedDataModule
from nullfit.system import interruption
from nullfit.system.allocator import keep_freed_memory
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.system.first_process import is_first
from nullfit.training.checkpointing import AfterStep, Checkpoints
from nullfit.training.checkpoints import CheckpointFiles
from nullfit.training.classifier import Classifier
from nullfit.training.compilation import Compute, compiled
from nullfit.training.device import check_device, device_of
from nullfit.training.progress import RunProgress
from nullfit.training.ranks import check_samples, end_others, placement, together
from nullfit.training.record import RunRecord
from nullfit.training.recorder import Recorder
from nullfit.training.training import Fit, Training


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
        training.probes,
        training.loss,
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
