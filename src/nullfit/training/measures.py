"""The metrics of a run, by the names they have in result.json, metrics.csv and W&B."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Int64
from torch import Tensor, nn

from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.losses import Loss, cross_entropy
from nullfit.results.task_run import CONFUSION
from nullfit.training import weight_norms
from nullfit.training.evaluation import Evaluation, confusion_matrix, evaluate, evaluate_reaching
from nullfit.training.margins import margin

MARGIN = "train/margin"  # of the logits, 10 % quantile over the training samples

EvaluateSplit = Callable[[Split], Evaluation]


@runtime_checkable
class Evaluator(Protocol):
    """What evaluates splits after an epoch."""

    def __call__(self, split: Split, /) -> Evaluation:
        """The evaluation of one split."""

    def reaching(self, accuracy: float, split: Split, /) -> Evaluation | None:
        """The same where it comes to that accuracy; else None, for less work."""


def columns(data: RandomizedData) -> list[str]:
    """The columns of metrics.csv for this data."""
    under_label_corruption = [
        "train/accuracy_true_labels",
        "train/accuracy_corrupted",
        "train/accuracy_untouched",
    ]
    return [
        "epoch",
        "step",
        "seconds",
        "epoch_seconds",
        "lr",
        "train/running_loss",
        "train/running_accuracy",
        "train/loss",
        "train/accuracy",
        MARGIN,
        *(under_label_corruption if data.labels_changed else []),
        *(["val/loss", "val/accuracy"] if data.val is not None else []),
        "test/loss",
        "test/accuracy",
        "test_clean/accuracy",
        *(f"test_{n}/{what}" for n in data.other_tests for what in ("loss", "accuracy")),
        *weight_norms.NAMES,
    ]


def measure(evaluate_split: EvaluateSplit, data: RandomizedData) -> dict[str, float]:
    """All metrics, each from the evaluation of its split, which is asked for once."""
    return measure_train(evaluate_split(data.train), data.train) | measure_held_out(
        evaluate_split, data
    )


def measure_held_out(evaluate_split: EvaluateSplit, data: RandomizedData) -> dict[str, float]:
    """Those of the samples that are not trained on."""
    metrics = {}
    if data.val is not None:
        val = evaluate_split(data.val)
        metrics = {"val/loss": val.loss, "val/accuracy": val.accuracy}
    test = evaluate_split(data.test)
    clean = test if data.test_clean is data.test else evaluate_split(data.test_clean)
    metrics |= {
        "test/loss": test.loss,
        "test/accuracy": test.accuracy,
        "test_clean/accuracy": clean.accuracy,
    }
    for name, split in data.other_tests.items():
        other = evaluate_split(split)
        metrics |= {f"test_{name}/loss": other.loss, f"test_{name}/accuracy": other.accuracy}
    return metrics


def measure_train(found: Evaluation, train: Split) -> dict[str, float]:
    """How well the training set is fitted, and under label corruption what of it."""
    metrics = {"train/loss": found.loss, "train/accuracy": found.accuracy}
    if math.isfinite(tenth := margin(found.margins.double().numpy(force=True))):
        metrics[MARGIN] = tenth
    changed = train.label_changed
    if bool(changed.any()):
        metrics |= {
            "train/accuracy_true_labels": found.accuracy_against(train.true_labels),
            "train/accuracy_corrupted": found.accuracy_against(train.labels, among=changed),
            "train/accuracy_untouched": found.accuracy_against(train.labels, among=~changed),
        }
    return metrics


def of_split(network: nn.Module, split: Split, *, loss: Loss = cross_entropy) -> Evaluation:
    """The evaluation of one split: a full pass in evaluation mode."""
    return evaluate(network, split.pixels, split.labels, split.prepare, loss=loss)


def confusion_matrices(
    network: nn.Module, data: RandomizedData
) -> dict[str, Int64[Tensor, "classes classes"]]:
    """Those of the test sets, by their names in arrays.npz: rows are true classes."""
    tests = {"": data.test, **{f"_{name}": split for name, split in data.other_tests.items()}}
    return {
        CONFUSION + name: confusion_matrix(of_split(network, split), len(data.classes))
        for name, split in tests.items()
    }


@dataclass(frozen=True)
class NetworkEvaluator:
    """Evaluates the splits by one network."""

    network: nn.Module
    loss: Loss = cross_entropy

    def __call__(self, split: Split, /) -> Evaluation:
        """`of_split`."""
        return of_split(self.network, split, loss=self.loss)

    def reaching(self, accuracy: float, split: Split, /) -> Evaluation | None:
        """`evaluate_reaching`."""
        return evaluate_reaching(
            accuracy, self.network, split.pixels, split.labels, split.prepare, loss=self.loss
        )
