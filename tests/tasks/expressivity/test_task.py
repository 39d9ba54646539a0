"""task=expressivity."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from nullfit.tasks.expressivity.task import ExpressivitySettings, expressivity

SETTINGS = ExpressivitySettings(directions=10)


def run(make_config, tmp_path: Path, *overrides: str):
    config = make_config("task=expressivity", "logger=csv", "trainer.progress=false", *overrides)
    return expressivity(config, tmp_path / config.job, expressivity=SETTINGS), tmp_path / config.job


def test_random_labels_of_digits_are_fitted_exactly_and_the_test_set_is_not(
    make_config, tmp_path, capsys
) -> None:
    result, folder = run(make_config, tmp_path, "corruption=random_labels")
    metrics = result["metrics"]
    assert metrics["train/accuracy"] == metrics["train/accuracy_corrupted"] == 1
    assert metrics["train/largest_residual"] < 1e-5
    assert 0.05 < metrics["test/accuracy"] < 0.17  # chance: 0.1, standard deviation 0.016
    assert not any(name.endswith("/loss") for name in metrics)
    assert result["model"] == {"name": "theorem_1", "parameters": 2 * 1437 + 64}
    assert result["expressivity"]["directions_tried"] == 1
    assert json.loads((folder / "result.json").read_text())["metrics"] == metrics
    assert "2,938 weights for 1,437 points" in capsys.readouterr().out
    assert run(make_config, tmp_path, "corruption=random_labels")[0] == json.loads(
        (folder / "result.json").read_text()
    )
    assert "finished before, nothing to do" in capsys.readouterr().out


def test_the_arrays_are_the_network(make_config, tmp_path) -> None:
    _, folder = run(make_config, tmp_path, "data.train_limit=80")
    with np.load(folder / "arrays.npz") as arrays:
        z, b, w, y = (arrays[name] for name in ("projections", "biases", "weights", "targets"))
        assert arrays["direction"].shape == (64,)
    np.testing.assert_allclose(np.maximum(z[:, None] - b, 0) @ w, y, atol=1e-6)


@pytest.mark.parametrize("regularizer", ["random_crop", "augmentation"])
def test_images_that_are_prepared_batch_by_batch_are_prepared(
    make_config, tmp_path, regularizer
) -> None:
    result, _ = run(
        make_config, tmp_path, f"regularizer={regularizer}", "data.train_limit=50", "data.crop=6"
    )
    assert result["metrics"]["train/accuracy"] == 1
    assert result["expressivity"]["dimensions"] == 36


def test_the_number_of_threads_is_honoured(make_config, tmp_path) -> None:
    before = torch.get_num_threads()
    try:
        result, _ = run(make_config, tmp_path, "data.train_limit=50", "trainer.threads=2")
        assert result["threads"] == 2
    finally:
        torch.set_num_threads(before)
