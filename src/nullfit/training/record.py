"""What is known of a run from epoch to epoch, and when it is over."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Int32
from torch import Tensor, nn

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.results.metrics_file import MetricsFile, Row
from nullfit.system.interruption import held
from nullfit.training import weight_norms
from nullfit.training.evaluation import Evaluation, confusion_matrix
from nullfit.training.measures import Evaluator, measure_held_out, measure_train
from nullfit.training.probe import Probe, measured

if TYPE_CHECKING:
    from nullfit.training.weight_norms import WeightNorms

Keep = Callable[[int, nn.Module], None]  # the weights after an epoch, where they are to stay


@dataclass(frozen=True)
class Epoch:
    """What training summed over one epoch; ``lr`` is the rate that it began with."""

    steps: int
    samples: int
    loss_sum: float
    correct: int
    lr: float
    seconds: float


class RunRecord:
    """Measures, writes metrics.csv, notes when the training set was fitted, decides what goes on.

    It knows nothing of how the run is carried out. ``over`` turns true once the exact training
    accuracy reaches ``stop_at_train_accuracy``, when the loss is no longer finite, or after
    ``most_epochs``. The ``probes`` hear what is measured; their state travels along.

    The training set is evaluated in full where ``evaluate_train_every`` or a probe asks for it, in
    the last epoch, and in the epoch that fits it. Whether an epoch does is always exact; the
    evaluation is given up when there are too many errors.

    With ``record_confusion``, ``confusions`` are the confusion matrices of the test set by epoch.
    """

    def __init__(
        self, config: TrainerConfig, most_epochs: int, file: MetricsFile | None = None
    ) -> None:
        self.config = config
        self.most_epochs = most_epochs
        self.file = file
        self.probes: Sequence[Probe] = ()
        self.norms: WeightNorms | None = None
        self.keep: Keep | None = None
        self.rows: list[Row] = []
        self.metrics: dict[str, float] = {}
        self.confusions: dict[int, Int32[Tensor, "classes classes"]] = {}
        self.epochs_to_fit: int | None = None
        self.steps_to_fit: int | None = None
        self.epochs = self.steps = self.images = 0
        self.seconds = 0.0
        self.diverged = False
        self.over = False
        self._goes_on = False

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to go on counting."""
        state: dict[str, Any] = {
            "epochs": self.epochs,
            "steps": self.steps,
            "images": self.images,
            "seconds": self.seconds,
            "epochs_to_fit": self.epochs_to_fit,
            "steps_to_fit": self.steps_to_fit,
            "rows": list(self.rows),
            "metrics": self.metrics,
            "diverged": self.diverged,
            "over": self.over,
        }
        if self.config.record_confusion:
            state["confusions"] = dict(self.confusions)
        if self.probes:
            state["probes"] = {probe.name: probe.state_dict() for probe in self.probes}
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._goes_on = True
        kept = dict(state)
        before = kept.pop("probe", None)  # of the only probe that there was in 0.1.0
        states = kept.pop("probes", {})
        for name, value in kept.items():
            setattr(self, name, value)
        for probe in self.probes:
            probe.load_state_dict(states[probe.name] if before is None else before)

    @property
    def training_accuracy(self) -> float | None:
        """Of the last epoch, for people to watch: exact where it was evaluated, else running."""
        if not self.rows:
            return None
        row = self.rows[-1]
        return row.get("train/accuracy", row["train/running_accuracy"])

    def begin(self, data: RandomizedData, network: nn.Module) -> None:
        """Start metrics.csv, or go on with it.

        Probes that make passes of their own do so by the ``network`` before its first step.
        """
        if self.file is not None:
            self.file.begin(self.rows)
        if not self._goes_on:
            measured(self.probes, 0, network, data.train)

    def end_epoch(
        self, epoch: Epoch, data: RandomizedData, evaluate: Evaluator, network: nn.Module
    ) -> Row:
        """Measure if it is time to, write the row, and decide. The row is returned.

        ``evaluate`` measures by the ``network`` as it is after the epoch.

        Someone who stops it while it measures finds everything as it was.
        """
        number = self.epochs + 1
        row: Row = {
            "epoch": number,
            "step": self.steps + epoch.steps,
            "lr": epoch.lr,
            "train/running_loss": epoch.loss_sum / max(epoch.samples, 1),
            "train/running_accuracy": epoch.correct / max(epoch.samples, 1),
        }
        diverged = not math.isfinite(row["train/running_loss"])
        found = None
        if diverged or self.measures_after(number):
            found = self._measured(data, evaluate, number, diverged)
            row |= found.metrics
        row |= {} if self.norms is None else self.norms(network)
        if self.probes and not (diverged or (found is not None and found.diverged)):
            row |= measured(self.probes, number, network, data.train)
        row["seconds"] = round(self.seconds + epoch.seconds, 3)
        row["epoch_seconds"] = round(epoch.seconds, 3)
        with held():
            self._commit(epoch, row, found, diverged)
            for probe in self.probes:
                probe.after_network(self.epochs, network)
            if self.keep is not None:
                self.keep(self.epochs, network)
        return row

    def _commit(self, epoch: Epoch, row: Row, found: "_Measured | None", diverged: bool) -> None:
        self.epochs += 1
        self.steps += epoch.steps
        self.images += epoch.samples
        self.seconds += epoch.seconds
        self.diverged = diverged
        if found is not None:
            norms = {name: row[name] for name in weight_norms.NAMES if name in row}
            self.metrics = found.metrics | norms
            self.diverged = found.diverged
            if found.confusion is not None:
                self.confusions[self.epochs] = found.confusion
            if found.train is not None:
                for probe in self.probes:
                    probe.after_epoch(self.epochs, found.train.losses)
            self._decide()
        self.over |= self.diverged or self.epochs >= self.most_epochs
        self.rows.append(row)
        if self.file is not None:
            self.file.append(row)
            if self.over:
                self.file.finish()

    def measures_after(self, epoch: int) -> bool:
        """Whether there is an evaluation after this epoch, however it ends."""
        every = self.config.evaluate_every
        return epoch >= self.most_epochs or epoch % every == 0 or self._asked_for(epoch)

    def _asked_for(self, epoch: int) -> bool:
        every = self.config.evaluate_train_every
        return every is not None and epoch % every == 0

    def _measured(
        self, data: RandomizedData, evaluate: Evaluator, epoch: int, diverged: bool
    ) -> "_Measured":
        confusion = None

        def evaluated(split: Split) -> Evaluation:
            nonlocal confusion
            found = evaluate(split)
            if split is data.test and self.config.record_confusion:
                confusion = confusion_matrix(found, len(data.classes)).to("cpu", torch.int32)
            return found

        held_out = measure_held_out(evaluated, data)
        diverged |= not math.isfinite(held_out["test/loss"])
        last = epoch >= self.most_epochs
        heard = any(probe.hears_losses for probe in self.probes)
        whole = last or diverged or heard or self._asked_for(epoch)
        found = None
        if whole:
            found = evaluate(data.train)
        elif (sought := self._accuracy_sought) is not None:
            found = evaluate.reaching(sought, data.train)
        if found is None:
            return _Measured(held_out, None, confusion, diverged)
        train = measure_train(found, data.train)
        diverged |= not math.isfinite(train["train/loss"])
        return _Measured(train | held_out, found, confusion, diverged)

    @property
    def _accuracy_sought(self) -> float | None:
        """The training accuracy that decides something if it is reached, if any does."""
        stop, fitted = self.config.stop_at_train_accuracy, self.epochs_to_fit is not None
        sought = [] if fitted else [self.config.fit_threshold]
        return min([*sought, *([] if stop is None else [stop])], default=None)

    def _decide(self) -> None:
        reached, stop = self.metrics.get("train/accuracy", 0.0), self.config.stop_at_train_accuracy
        if reached >= self.config.fit_threshold and self.epochs_to_fit is None:
            self.epochs_to_fit, self.steps_to_fit = self.epochs, self.steps
        self.over |= self.diverged or (stop is not None and reached >= stop)


@dataclass(frozen=True)
class _Measured:
    """What was measured after an epoch.

    ``train`` is the evaluation of the training split, ``confusion`` that of the test split.
    """

    metrics: dict[str, float]
    train: Evaluation | None
    confusion: Int32[Tensor, "classes classes"] | None
    diverged: bool
