"""Train a network on randomized data."""

import logging
import signal
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from nullfit.config.schema import TrainerConfig
from nullfit.data.module import Augment, RandomizedDataModule
from nullfit.data.randomized_data import RandomizedData
from nullfit.ecosystem import pytorch_lightning as pl
from nullfit.errors import UserError
from nullfit.training.checkpoints import Checkpoints
from nullfit.training.classifier import Classifier, MakeOptimizer, MakeSchedule
from nullfit.training.measures import columns
from nullfit.training.metrics_file import MetricsFile, Row
from nullfit.training.progress import RunProgress
from nullfit.training.recorder import Recorder


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


def fit(
    network: nn.Module,
    data: RandomizedData,
    optimizer: MakeOptimizer,
    schedule: MakeSchedule,
    *,
    seed: int,
    trainer: TrainerConfig,
    batch_size: int = 128,
    weight_noise: float = 0.0,
    augment: Augment | None = None,
    folder: Path | None = None,
    resume: dict[str, Any] | None = None,
    loggers: Sequence[pl.loggers.Logger] = (),
    watchers: Sequence[pl.Callback] = (),
    about: dict[str, Any] | None = None,
    title: str = "training",
) -> Fit:
    """Train ``network`` in place until `trainer.max_epochs`, until it has fitted, or diverged.

    With a ``folder``, metrics.csv and checkpoints are written there; ``resume`` is the content of
    a checkpoint of the same run to go on from, to the same bits. ``about`` holds plain values that
    travel in the checkpoints. ``watchers`` are callbacks that look on.

    Raises:
        UserError: `trainer` asks for a GPU and there is none.
    """
    if trainer.threads is not None:
        torch.set_num_threads(trainer.threads)
    network.to(memory_format=memory_format(network, trainer))  # type: ignore[call-overload]
    file = MetricsFile(folder, columns(data)) if folder is not None else None
    recorder = Recorder(trainer, file)
    callbacks: list[pl.Callback] = []
    if folder is not None:  # first, since what it restores is what the others begin with
        checkpoints = Checkpoints(folder, trainer.checkpoint_seconds, recorder, about or {})
        checkpoints.resume = resume
        callbacks.append(checkpoints)
    callbacks.append(recorder)
    if trainer.progress:
        callbacks.append(RunProgress(title, recorder))
    callbacks += watchers
    module = Classifier(network, optimizer, schedule, seed, weight_noise)
    datamodule = RandomizedDataModule(data, batch_size, seed, augment)
    with torch.random.fork_rng(), _quiet(), _interruptible():
        lightning = _trainer(trainer, callbacks, list(loggers))
        datamodule.place(lightning.strategy.root_device)
        lightning.fit(module, datamodule=datamodule)
    return Fit(
        status="diverged" if recorder.diverged else "completed",
        metrics=recorder.metrics,
        rows=recorder.rows,
        threshold=trainer.threshold,
        epochs_to_fit=recorder.epochs_to_fit,
        steps_to_fit=recorder.steps_to_fit,
        epochs=recorder.epochs,
        steps=recorder.steps,
        seconds=recorder.seconds,
        images_per_second=recorder.images / max(recorder.seconds, 1e-9),
        device=_device_name(lightning.strategy.root_device),
        threads=torch.get_num_threads(),
    )


def check_device(trainer: TrainerConfig) -> None:
    """See that the device asked for is there.

    Raises:
        UserError: a GPU is asked for and torch finds none.
    """
    if trainer.accelerator == "gpu" and not torch.cuda.is_available():
        raise UserError(
            "trainer=gpu: torch finds no GPU here. Use trainer=cpu, or trainer=auto for whatever "
            "is there."
        )


def memory_format(network: nn.Module, trainer: TrainerConfig) -> torch.memory_format:
    """The layout of images in memory: channels last is several times faster for convolutions."""
    convolves = any(isinstance(part, nn.Conv2d) for part in network.modules())
    chosen = trainer.memory_format
    if chosen == "channels_last" or (chosen == "auto" and convolves):
        return torch.channels_last
    return torch.contiguous_format


def _trainer(
    trainer: TrainerConfig, callbacks: list[pl.Callback], loggers: list[pl.loggers.Logger]
) -> pl.Trainer:
    check_device(trainer)
    on_gpu = trainer.accelerator != "cpu" and torch.cuda.is_available()
    return pl.Trainer(
        accelerator="gpu" if on_gpu else "cpu",
        devices=1,
        max_epochs=trainer.max_epochs,
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


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


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
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"pytorch_lightning\..*")
        yield
