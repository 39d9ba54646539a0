"""The report's section on the constructed networks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nullfit.results.result import write_arrays
from nullfit.results.task_run import TaskRun
from nullfit.tasks.expressivity.construction import construct
from nullfit.tasks.expressivity.figure import Along
from nullfit.tasks.expressivity.section import section


def run(folder: Path, samples: int, seed: int = 0, corruption: str = "none", residual=1e-9):
    random = torch.Generator().manual_seed(seed)
    images = torch.rand(samples, 1, 3, 3, generator=random)
    labels = torch.randint(4, (samples,), generator=random)
    made = construct(images, labels, 4, seed=seed, directions=3)
    path = folder / f"{corruption}-{samples}-{seed}"
    write_arrays(
        path,
        projections=made.projections.numpy(),
        targets=made.targets.numpy(),
        biases=made.network.biases.numpy(force=True),
        weights=made.network.weights.numpy(force=True),
    )
    result = {
        "data": {"name": "digits", "train_samples": samples, "classes": 4},
        "model": {"parameters": 2 * samples + 9},
        "corruption": {"name": corruption, "labels_changed": 0.7, "images_changed": 0.0},
        "metrics": {
            "train/accuracy": 1.0,
            "test/accuracy": 0.25 + seed / 100,
            "train/largest_residual": residual,
        },
    }
    config = {"seed": seed, "data": {"train_limit": samples}, "corruption": corruption}
    return TaskRun(path, result, config)


def test_rows_by_samples_with_the_spread_over_seeds(tmp_path) -> None:
    runs = [run(tmp_path, n, seed) for n in (90, 10) for seed in (0, 2)]
    found = section([*runs, run(tmp_path, 10, corruption="random_labels")])
    assert found.table is not None
    assert found.table["samples"].tolist() == ["10", "90", "10"]
    assert found.table["weights"].tolist() == ["29", "189", "29"]
    assert found.table["test %"][0] == "26.0 (25.0 … 27.0)"
    assert [name for name, _ in found.plots] == [
        "accuracy and residual", "the function: digits, random labels, n = 10",
    ]  # fmt: skip
    assert found.warnings == []
    for name, figure in found.printed.items():
        figure.savefig(tmp_path / f"{name}.png")


def test_the_function_goes_through_its_points(tmp_path) -> None:
    along = Along.of(run(tmp_path, 90))
    assert len(along.targets) == 60
    assert (np.diff(along.places) > 0).all()
    through = np.interp(along.projections, along.places, along.values)
    assert through == pytest.approx(along.targets, abs=1e-6)


def test_rounding_that_has_the_upper_hand_is_told(tmp_path) -> None:
    found = section([run(tmp_path, 10, residual=0.7)])
    assert found.warnings == [
        "none-10-0: the largest residual is 0.7, half a label or more: rounding has the upper hand."
    ]
