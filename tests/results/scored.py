"""Runs that scored their samples, made by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from nullfit.data.randomized_data import Split
from nullfit.results.samples import write_samples
from nullfit.results.task_run import TaskRun


def scored(
    folder: Path,
    changed: list[int],
    scores: dict[str, list[float]],
    task: str = "train",
    seed: int = 0,
    level: float = 0.4,
    **config: Any,
) -> TaskRun:
    """A run of which the samples at ``changed`` have another label than the true one."""
    samples = len(next(iter(scores.values())))
    true = torch.zeros(samples, dtype=torch.int64)
    labels = true.clone()
    labels[changed] = 1
    name = folder / f"{task}{len(list(folder.iterdir()))}"
    name.mkdir()
    split = Split(torch.zeros(samples, 1, 2, 2), labels, true)
    write_samples(name, split, {"any": {k: np.array(v) for k, v in scores.items()}})
    corruption = {"name": "random_labels", "probability": level, "always_change": True}
    result = {
        "task": task, "seed": seed, "model": {"name": "mlp_1x512"},
        "data": {"name": "digits"}, "wall_seconds": 2.0 * (seed + 1), "metrics": {},
        "corruption": {**corruption, "labels_changed": len(changed) / samples},
    }  # fmt: skip
    settings = {
        "seed": seed, "task": {"name": task}, "model": {"name": "mlp_1x512"},
        "data": {"name": "digits"}, "corruption": corruption, **config,
    }  # fmt: skip
    return TaskRun(name, result, settings)
