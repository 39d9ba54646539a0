"""What published numbers are about, measured on a run of ours."""

import math
import re
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

import numpy as np

from nullfit.config.identity import RANDOMNESS, config_hash
from nullfit.results.published.figures import Published
from nullfit.results.study import Run, Study
from nullfit.results.task_run import CONFUSION, TaskRun
from nullfit.results.thresholds import threshold_of

NAN = math.nan
_OF_CLASS = re.compile(r"test(?P<test>(?:_[^/]+)?)/accuracy_of_class_(?P<number>\d{1,5})")


def measured(published: Published, run: TaskRun, study: Study) -> float:
    """The number as ``run`` measured it; NaN where it did not, or never got there."""
    if published.epoch is not None:
        return _after_epoch(published.quantity, published.epoch, run)
    return quantity_of(published.quantity, run, study)


def quantity_of(quantity: str, run: TaskRun, study: Study) -> float:
    """A quantity of a whole run; NaN where it was not measured, or never got there."""
    if isinstance(run, Run) and quantity in _QUANTITIES:
        return _QUANTITIES[quantity](run, study)
    if (of_class := class_of(quantity)) is not None:
        return _class_accuracy(run, *of_class)
    value = run.result.get("metrics", {}).get(quantity)
    return NAN if value is None else float(value)


def is_measured(published: Published, run: TaskRun) -> bool:
    """Whether runs such as this one measure the number at all."""
    if published.epoch is not None:
        return not math.isnan(_after_epoch(published.quantity, published.epoch, run))
    quantity = published.quantity
    if (of_class := class_of(quantity)) is not None:
        return not math.isnan(_class_accuracy(run, *of_class))
    if quantity in _OF_PROBES:
        return _OF_PROBES[quantity] in run.result
    of_trainings = isinstance(run, Run) and quantity in _QUANTITIES
    return of_trainings or quantity in run.result.get("metrics", {})


def _after_epoch(column: str, epoch: int, run: TaskRun) -> float:
    """What metrics.csv has in a column after an epoch."""
    if not isinstance(run, Run):
        return NAN
    epochs = run.epochs()
    if column not in epochs:
        return NAN
    found = epochs.loc[epochs["epoch"] == epoch, column]
    return NAN if found.empty else float(found.iloc[-1])


def class_of(quantity: str) -> tuple[str, int] | None:
    """The confusion matrix and the class that ``test…/accuracy_of_class_<number>`` is read from."""
    found = _OF_CLASS.fullmatch(quantity)
    return None if found is None else (f"{CONFUSION}{found['test']}", int(found["number"]))


def _class_accuracy(run: TaskRun, confusion: str, number: int) -> float:
    counts = run.arrays(confusion).get(confusion)
    if counts is None or number >= len(counts) or not counts[number].sum():
        return NAN
    return float(counts[number, number] / counts[number].sum())


def _parameters(run: Run, study: Study) -> float:
    return float(run.result["model"]["parameters"])


def _test_error(run: Run, study: Study) -> float:
    return 1.0 - quantity_of("test/accuracy", run, study)


def _best_val_accuracy(run: Run, study: Study) -> float:
    epochs = run.epochs()
    return float(epochs["val/accuracy"].max()) if "val/accuracy" in epochs else NAN


def _seconds_per_epoch(run: Run, study: Study) -> float:
    return float(run.result["wall_seconds"] / max(run.result["epochs"], 1))


def _steps_to_loss(run: Run, study: Study) -> float:
    """Steps until the training loss was at most 0.1 at the end of an epoch.

    It is not known of a run that measured it in some of its evaluations only
    (`trainer.evaluate_train_every`).
    """
    epochs = run.epochs()
    if "test/loss" in epochs:
        epochs = epochs[epochs["test/loss"].notna()]
    reached = epochs.loc[epochs["train/loss"] <= 0.1, "step"]
    unknown = epochs["train/loss"].isna().any()
    return NAN if reached.empty or unknown else float(reached.iloc[0])


def _relative_time_to_fit(run: Run, study: Study) -> float:
    """Steps to fit, as a multiple of what the same network needs for true labels.

    Only by the same threshold: the one takes longer to reach than the other.
    """
    own = run.result["fit"]["steps_to_fit"]
    on_true_labels = [
        other.result["fit"]["steps_to_fit"]
        for other in study.runs
        if _has_true_labels(other)
        and not other.diverged
        and threshold_of(run) == threshold_of(other)
        and _but_for(run, "corruption") == _but_for(other, "corruption")
    ]
    if own is None or not on_true_labels or None in on_true_labels:
        return NAN
    return float(own / fmean(on_true_labels))


def _batch_norm_gain(run: Run, study: Study) -> float:
    """Test accuracy of Inception with batch norm less that of this run, which has none."""
    with_batch_norm = [
        quantity_of("test/accuracy", other, study)
        for other in study.runs
        if other.model == "inception"
        and not other.diverged
        and other.config["corruption"] == run.config["corruption"]
        and other.config["data"] == run.config["data"]
        and other.config["regularizer"] == run.config["regularizer"]
    ]
    own = quantity_of("test/accuracy", run, study)
    return fmean(with_batch_norm) - own if with_batch_norm else NAN


def _never_forgotten_in_any_run(run: Run, study: Study) -> float:
    """The share of samples that each run of the setting learnt and none forgot."""
    alike = [
        other.arrays("forgetting").get("forgetting")
        for other in study.runs
        if not other.diverged and _but_for(run, "seed") == _but_for(other, "seed")
    ]
    found = [forgetting for forgetting in alike if forgetting is not None]
    if not found or len({len(forgetting) for forgetting in found}) > 1:
        return NAN
    return float((np.stack(found) == 0).all(0).mean())


def _has_true_labels(run: Run) -> bool:
    return run.corruption == "none" or (
        run.corruption == "random_labels" and run.strength.get("probability") == 0
    )


def _but_for(run: Run, section: str) -> str:
    """A hash of the settings without one section and the seeds."""
    kept: Mapping[str, Any] = {
        key: value for key, value in run.config.items() if key not in (section, *RANDOMNESS)
    }
    return config_hash(kept, content=False)


_QUANTITIES: dict[str, Callable[[Run, Study], float]] = {
    "parameters": _parameters,
    "test/error": _test_error,
    "best_val_accuracy": _best_val_accuracy,
    "seconds_per_epoch": _seconds_per_epoch,
    "steps_to_loss_0.1": _steps_to_loss,
    "relative_time_to_fit": _relative_time_to_fit,
    "accuracy_gained_by_batch_norm": _batch_norm_gain,
    "never_forgotten_in_any_run": _never_forgotten_in_any_run,
}
_OF_PROBES = {"never_forgotten_in_any_run": "dynamics"}  # and the probe that measures it
# The same of each run of a setting: it has no spread.
OVER_ALL_RUNS = frozenset({"never_forgotten_in_any_run"})
