"""One training, and what it came to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Int32
from torch import Tensor, nn

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.data.augmentation import Augment
from nullfit.data.randomized_data import RandomizedData
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.losses import Loss, cross_entropy
from nullfit.optimizers import MakeOptimizer, sgd
from nullfit.results.metrics_file import MetricsFile, Row
from nullfit.results.task_run import BY_EPOCH, EPOCHS
from nullfit.schedules import MakeSchedule, constant
from nullfit.system.first_process import is_first
from nullfit.training.checkpoints import CheckpointFiles
from nullfit.training.device import device_name
from nullfit.training.execution import Execution, cheap_to_evaluate
from nullfit.training.measures import columns
from nullfit.training.record import RunRecord
from nullfit.training.weight_norms import WeightNorms

if TYPE_CHECKING:
    from nullfit.training.probe import Probe


@dataclass(frozen=True)
class Fit:
    """What a training came to.

    Attributes:
        status: ``completed``, or ``diverged`` where the loss did not stay finite.
        metrics: those after the last epoch: accuracies from 0 to 1, losses in nats.
        rows: one for each epoch, with the columns of metrics.csv; ``pandas.DataFrame(fit.rows)``.
        threshold: the training accuracy from which on the training set counts as fitted.
        epochs_to_fit: the first epoch that reached it; None where none did. So ``steps_to_fit``.
        seconds: of training and evaluating.
    """

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
    confusions: dict[int, Int32[Tensor, "classes classes"]]

    @property
    def arrays(self) -> dict[str, Any]:
        """Those of arrays.npz: the recorded confusion matrices in one, and the epoch of each."""
        if not self.confusions:
            return {}
        by_epoch = torch.stack(list(self.confusions.values()))
        return {BY_EPOCH: by_epoch.numpy(), EPOCHS: torch.tensor(list(self.confusions)).numpy()}

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
            confusions=record.confusions,
        )


@dataclass(frozen=True)
class Training:
    """One training: all that decides its outcome, and where it is written.

    The ``network`` is trained in place. With a ``folder``, metrics.csv and checkpoints are written
    there; ``resume`` is the content of a checkpoint of the same run to go on from, to the same
    bits. ``about`` holds plain values that travel in the checkpoints, the ``probes`` look on.
    """

    network: nn.Module
    data: RandomizedData
    optimizer: MakeOptimizer = sgd
    schedule: MakeSchedule = constant
    seed: int = 0
    trainer: TrainerConfig = field(default_factory=TrainerConfig.default)
    batch_size: int = 128
    weight_noise: float = 0.0
    augment: Augment | None = None
    folder: Path | None = None
    resume: dict[str, Any] | None = None
    about: dict[str, Any] = field(default_factory=dict)
    title: str = "training"
    probes: "Sequence[Probe]" = ()
    loss: Loss = cross_entropy

    @property
    def epochs(self) -> int:
        """How many there are at most."""
        return self.trainer.epochs(len(self.data.train), self.batch_size)

    @property
    def execution(self) -> Execution:
        """How `fit` carries it out."""
        return Execution.of(self.network, self.data.input_shape, self.batch_size, self.trainer)

    def record(self) -> RunRecord:
        """An empty record of it, which writes metrics.csv if there is a folder.

        Made before anything is trained or restored: weights are measured from where they are now.
        """
        file = None
        if self.folder is not None and is_first(self.trainer):
            own = [name for probe in self.probes for name in probe.columns(self.data)]
            file = MetricsFile(self.folder, [*columns(self.data), *own])
        record = RunRecord(self._evaluated(), self.epochs, file)
        record.probes = self.probes
        for probe in self.probes:
            probe.start(len(self.data.train))
        record.norms = WeightNorms(self.network)
        if self.folder is not None and self.trainer.keep_epochs is not None:
            files = CheckpointFiles(self.folder, self.about, writes=is_first(self.trainer))
            record.keep = partial(_keep, files, frozenset(self.trainer.keep_epochs))
            record.keep(0, self.network)
        return record

    def _evaluated(self) -> TrainerConfig:
        """`trainer`, by which the training set is evaluated each time where that costs little."""
        images = self.data.train.pixels
        if self.trainer.evaluate_train_every is not None or isinstance(images, LazyImages):
            return self.trainer
        if not cheap_to_evaluate(self.network, self.data.input_shape, self.batch_size):
            return self.trainer
        return self.trainer.model_copy(update={"evaluate_train_every": self.trainer.evaluate_every})


def _keep(files: CheckpointFiles, epochs: frozenset[int], epoch: int, network: nn.Module) -> None:
    if epoch in epochs:
        files.save_epoch(network, epoch)
