"""What the neighbours after each layer come to."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from nullfit.data.randomized_data import RandomizedData
from nullfit.results.ranking import area_under_curve
from nullfit.results.suspicion import suspicion
from nullfit.tasks.prediction_depth.depth import depths
from nullfit.tasks.prediction_depth.neighbours import Foretold
from nullfit.tasks.prediction_depth.shown import Shown


@dataclass(frozen=True)
class Found:
    """Metrics, the task's section of result.json, arrays, and the depths of training samples."""

    metrics: dict[str, float]
    fields: dict[str, Any]
    arrays: dict[str, np.ndarray]
    depth: Int64[np.ndarray, " n"]


def find(data: RandomizedData, train: Foretold, test: Foretold, k: int) -> Found:
    """All that is told of what neighbours name."""
    labels, labels_test = (split.labels.numpy(force=True) for split in (data.train, data.test))
    changed = data.train.label_changed.numpy(force=True)
    depth, depth_test = (depths(of.neighbours, of.answers) for of in (train, test))
    right, right_test = train.neighbours == labels, test.neighbours == labels_test
    everything = np.ones_like(changed)
    kinds = {"train": everything, "untouched": ~changed, "corrupted": changed}
    last = len(train.names)
    fields = {
        "layers": list(train.names),
        "neighbours": k,
        "neighbour_accuracy": {
            **{kind: _by_layer(right[:, of]) for kind, of in kinds.items()},
            "test": _by_layer(right_test),
        },
        "mean_depth": {
            **{kind: _mean(depth[of]) for kind, of in kinds.items()},
            "test": _mean(depth_test),
        },
        "never_foretold": {
            **{kind: _mean(depth[of] == last) for kind, of in kinds.items()},
            "test": _mean(depth_test == last),
        },
        "area_under_curve": _area(depth, changed),
    }
    order, order_test = (
        _order(of_split, foretold) for of_split, foretold in ((depth, train), (depth_test, test))
    )
    small = np.min_scalar_type(len(data.classes))
    arrays = {
        "depth": depth,
        "depth_test": depth_test,
        "neighbours_train": train.neighbours.astype(small),
        "neighbours_test": test.neighbours.astype(small),
        "answers_train": train.answers.astype(small),
        "answers_test": test.answers.astype(small),
        **Shown.of(data, order, order_test).arrays(),
    }
    metrics = {
        "train/accuracy": float((train.answers == labels).mean()),
        "test/accuracy": float((test.answers == labels_test).mean()),
        "train/depth": float(depth.mean()),
        "test/depth": float(depth_test.mean()),
    }
    return Found(metrics, fields, arrays, depth)


def _order(depth: Int64[np.ndarray, " n"], foretold: Foretold) -> Int64[np.ndarray, " n"]:
    """Samples by depth, the shallowest first.

    Among equals those come first whose neighbours name the answer after more layers.
    """
    against = (foretold.neighbours != foretold.answers).sum(0)
    return np.lexsort((np.arange(len(depth)), against, depth))


def _by_layer(right: Bool[np.ndarray, "layers n"]) -> list[float] | None:
    return right.mean(1).tolist() if right.shape[1] else None


def _mean(values: Int64[np.ndarray, " n"] | Bool[np.ndarray, " n"]) -> float | None:
    return float(values.mean()) if len(values) else None


def _area(depth: Int64[np.ndarray, " n"], changed: Bool[np.ndarray, " n"]) -> float | None:
    """Under the ROC curve; None where there are no two kinds to tell apart."""
    if changed.all() or not changed.any():
        return None
    return area_under_curve(suspicion("depth", depth), changed)
