"""A training with a probe: what it leaves behind, and that an interruption loses nothing of it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from nullfit import assembly
from nullfit.results.result import read_arrays
from nullfit.tasks.train.task import train
from nullfit.training.measures import of_split
from nullfit.training.recorder import Recorder

NOISE = ("probe=loss_mixture", "corruption=random_labels", "corruption.probability=0.4")
QUALITY = ("precision", "recall", "area_under_curve")


def test_noise_of_a_real_run_is_found(make_config, tmp_path: Path) -> None:
    config = make_config("logger=csv", "trainer.progress=false", *NOISE, "trainer.max_epochs=6")
    result = train(config, tmp_path)
    found = json.loads((tmp_path / "result.json").read_text())["loss_mixture"]
    assert found == result["loss_mixture"]
    assert found["area_under_curve"] > 0.97
    assert found["precision"] > 0.85
    assert found["recall"] > 0.85
    assert found["true_noise_level"] == result["corruption"]["labels_changed"]
    assert found["estimated_noise_level"] == pytest.approx(found["true_noise_level"], abs=0.08)
    assert (tmp_path / "loss_mixture.png").stat().st_size > 10_000
    assert (tmp_path / "loss_mixture.pdf").is_file()


def test_recorded_losses_are_those_of_the_metrics_and_of_the_network(
    tiny_config, tmp_path: Path
) -> None:
    config = tiny_config(*NOISE, "trainer.max_epochs=3", "regularizer=[augmentation,dropout]")
    result = train(config, tmp_path)
    losses = read_arrays(tmp_path)["losses"].astype(np.float64)
    assert losses.shape == (3, 200)
    assert losses[-1].mean() == pytest.approx(result["metrics"]["train/loss"], rel=1e-3)
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, len(data.classes))
    checkpoint = torch.load(tmp_path / "checkpoints/final.ckpt", weights_only=True)
    network.load_state_dict(checkpoint["state_dict"])
    expected = of_split(network, data.train).losses  # evaluation mode, no augmentation
    assert losses[-1] == pytest.approx(expected.numpy(), rel=2e-3, abs=1e-3)


def test_an_interruption_loses_no_losses(
    tiny_config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_config(*NOISE, "trainer.max_epochs=5", "trainer.checkpoint_seconds=0")
    whole = train(config, tmp_path / "whole")
    look = Recorder.on_train_batch_end

    def pull(self, trainer, pl_module, outputs, batch, batch_idx):
        look(self, trainer, pl_module, outputs, batch, batch_idx)
        if trainer.current_epoch == 3:
            raise KeyError("plug")

    monkeypatch.setattr(Recorder, "on_train_batch_end", pull)
    with pytest.raises(KeyError, match="plug"):
        train(config, tmp_path / "broken")
    monkeypatch.setattr(Recorder, "on_train_batch_end", look)
    resumed = train(config, tmp_path / "broken")
    assert resumed["loss_mixture"] == whole["loss_mixture"]
    assert resumed["loss_mixture"]["epochs_recorded"] == 5
    expected, found = read_arrays(tmp_path / "whole"), read_arrays(tmp_path / "broken")
    for name, array in expected.items():
        assert np.array_equal(array, found[name]), name


def test_losses_are_recorded_when_the_training_set_is_evaluated(
    tiny_config, tmp_path: Path
) -> None:
    config = tiny_config(*NOISE, "trainer.max_epochs=5", "trainer.evaluate_every=2")
    train(config, tmp_path)
    assert read_arrays(tmp_path)["separation_epochs"].tolist() == [2, 4, 5]


def test_without_a_probe_nothing_changes(tiny_config, tmp_path: Path) -> None:
    plain = train(tiny_config("trainer.max_epochs=2"), tmp_path / "plain")
    probed = train(tiny_config("trainer.max_epochs=2", "probe=loss_mixture"), tmp_path / "probed")
    assert probed["metrics"] == plain["metrics"]
    assert set(probed) - set(plain) == {"loss_mixture"}
    assert [probed["loss_mixture"][name] for name in QUALITY] == [None] * 3
    assert set(read_arrays(tmp_path / "plain")) == {"confusion_matrix"}
    assert not list((tmp_path / "plain").glob("*.png"))


def test_a_run_that_diverges_still_has_a_result(tiny_config, tmp_path: Path) -> None:
    config = tiny_config(*NOISE, "optimizer.lr=1e30", "trainer.max_epochs=5")
    result = train(config, tmp_path)
    assert result["status"] == "diverged"
    assert "diverged" in result["loss_mixture"]["why"]


def test_cleanlab_stands_beside_the_mixture(tiny_config, tmp_path: Path) -> None:
    pytest.importorskip("cleanlab")
    config = tiny_config(*NOISE, "trainer.max_epochs=2", "probe.cleanlab=true", "probe.folds=2")
    result = train(config, tmp_path)
    assert set(result["loss_mixture"]["cleanlab"]) == {
        *(*QUALITY, "flagged", "folds", "out_of_sample_accuracy"),
    }
    assert read_arrays(tmp_path)["cleanlab_quality"].shape == (200,)
