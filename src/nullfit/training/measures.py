"""The metrics of a run, by the names they have in result.json, metrics.csv and W&B."""

from torch import nn

from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.training.evaluation import Evaluation, evaluate


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
        "lr",
        "train/running_loss",
        "train/running_accuracy",
        "train/loss",
        "train/accuracy",
        *(under_label_corruption if data.labels_changed else []),
        *(["val/loss", "val/accuracy"] if data.val is not None else []),
        "test/loss",
        "test/accuracy",
        "test_clean/accuracy",
    ]


def measure(network: nn.Module, data: RandomizedData) -> dict[str, float]:
    """All metrics, each from a full pass in evaluation mode over its split."""
    metrics = measure_train(network, data.train)
    if data.val is not None:
        val = of_split(network, data.val)
        metrics |= {"val/loss": val.loss, "val/accuracy": val.accuracy}
    test = of_split(network, data.test)
    clean = test if data.test_clean is data.test else of_split(network, data.test_clean)
    return metrics | {
        "test/loss": test.loss,
        "test/accuracy": test.accuracy,
        "test_clean/accuracy": clean.accuracy,
    }


def measure_train(network: nn.Module, train: Split) -> dict[str, float]:
    """How well the training set is fitted, and under label corruption what of it."""
    found = of_split(network, train)
    metrics = {"train/loss": found.loss, "train/accuracy": found.accuracy}
    changed = train.label_changed
    if bool(changed.any()):
        metrics |= {
            "train/accuracy_true_labels": found.accuracy_against(train.true_labels),
            "train/accuracy_corrupted": found.accuracy_against(train.labels, among=changed),
            "train/accuracy_untouched": found.accuracy_against(train.labels, among=~changed),
        }
    return metrics


def of_split(network: nn.Module, split: Split) -> Evaluation:
    """The evaluation of one split."""
    return evaluate(network, split.images, split.labels, split.prepare)
