"""What is known of a run from epoch to epoch, and when it is over."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nullfit.config.schema import TrainerConfig
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.training.evaluation import Evaluation
from nullfit.training.measures import EvaluateSplit, measure
from nullfit.training.metrics_file import MetricsFile, Row

if TYPE_CHECKING:
    from nullfit.probes.probe import Probe


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
    ``max_epochs``. The ``probe`` hears the losses of the training split; its state travels along.
    """

    def __init__(self, config: TrainerConfig, file: MetricsFile | None = None) -> None:
        self.config = config
        self.file = file
        self.probe: Probe | None = None
        self.rows: list[Row] = []
        self.metrics: dict[str, float] = {}
        self.epochs_to_fit: int | None = None
        self.steps_to_fit: int | None = None
        self.epochs = self.steps = self.images = 0
        self.seconds = 0.0
        self.diverged = False
        self.over = False

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to go on counting."""
        state = {
            "epochs": self.epochs,
            "steps": self.steps,
            "images": self.images,
            "seconds": self.seconds,
            "epochs_to_fit": self.epochs_to_fit,
            "steps_to_fit": self.steps_to_fit,
        }
        return state if self.probe is None else {**state, "probe": self.probe.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        for name, value in state.items():
            if name != "probe":
                setattr(self, name, value)
            elif self.probe is not None:
                self.probe.load_state_dict(value)

    def begin(self) -> None:
        """Start metrics.csv, or go on with it."""
        if self.file is not None:
            self.file.begin(self.epochs)

    def end_epoch(self, epoch: Epoch, data: RandomizedData, evaluate: EvaluateSplit) -> Row:
        """Measure if it is time to, write the row, and decide. The row is returned."""
        self.epochs += 1
        self.steps += epoch.steps
        self.images += epoch.samples
        self.seconds += epoch.seconds
        row: Row = {
            "epoch": self.epochs,
            "step": self.steps,
            "lr": epoch.lr,
            "train/running_loss": epoch.loss_sum / max(epoch.samples, 1),
            "train/running_accuracy": epoch.correct / max(epoch.samples, 1),
        }
        self.diverged = not math.isfinite(row["train/running_loss"])
        last = self.epochs >= self.config.max_epochs or self.diverged
        if last or self.measures_after(self.epochs):
            self.metrics = measure(self._heard(data, evaluate), data)
            row |= self.metrics
            self.diverged |= not math.isfinite(self.metrics["train/loss"])
            self._decide()
        self.over |= last
        row["seconds"] = round(self.seconds, 3)
        self.rows.append(row)
        if self.file is not None:
            self.file.append(row)
        return row

    def measures_after(self, epoch: int) -> bool:
        """Whether everything is measured after this epoch, however it ends."""
        return epoch >= self.config.max_epochs or epoch % self.config.evaluate_every == 0

    def _heard(self, data: RandomizedData, evaluate: EvaluateSplit) -> EvaluateSplit:
        def heard(split: Split) -> Evaluation:
            found = evaluate(split)
            if split is data.train and self.probe is not None:
                self.probe.after_epoch(self.epochs, found.losses)
            return found

        return heard

    def _decide(self) -> None:
        fitted = self.metrics["train/accuracy"] >= self.config.threshold
        if fitted and self.epochs_to_fit is None:
            self.epochs_to_fit, self.steps_to_fit = self.epochs, self.steps
        self.over |= self.diverged or (fitted and self.config.stop_at_train_accuracy is not None)
