"""Reads the files of an offline run back: what stands in them is what W&B will show."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas
import pytest
from PIL import Image

from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.results.result import read_arrays
from nullfit.tasks.train.task import train
from tests.tracking import wandb_file

KEY = "0123456789abcdef" * 2 + "01234567"


@dataclass
class Trained:
    folder: Path
    config: RunConfig
    result: dict[str, Any]
    recorded: wandb_file.Recorded


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One run with every step's loss logged; all tests read it."""
    root = tmp_path_factory.mktemp("wandb")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(root / "home"))
        patch.setenv("WANDB_API_KEY", KEY)
        own = ["corruption=random_labels", "data.test_corruptions=[gaussian]"]
        return _trained(root, *own, "study=labels", "seed=3")


def _trained(root: Path, *overrides: str) -> Trained:
    from nullfit.config.compose import compose_run
    from nullfit.config.composer import composer
    from nullfit.config.validation import validate

    tiny = ["trainer.progress=false", "data.train_limit=200", "data.test_limit=100"]
    wandb = ["logger=wandb", "logger.mode=offline", "logger.step_loss_budget=1000"]
    epochs = [f"outputs={root / 'outputs'}", "data.batch_size=64", "trainer.max_epochs=3"]
    with composer():
        config = validate(compose_run([*tiny, *wandb, *epochs, *overrides]))
    folder = root / "outputs" / config.study / config.job
    result = train(config, folder)
    (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    return Trained(folder, config, result, wandb_file.read(path))


def _summary(trained: Trained) -> dict[str, Any]:
    return trained.recorded.summary


def test_run_is_filed_under_study_and_task(trained: Trained) -> None:
    run = trained.recorded.run
    assert (run.project, run.run_group, run.job_type) == ("nullfit", "labels", "train")
    assert run.display_name == trained.config.job
    assert list(run.tags) == ["train", "digits", "mlp_1x512", "random_labels"]
    assert trained.recorded.exit_code == 0


def test_resolved_config_is_recorded(trained: Trained) -> None:
    recorded = {key: trained.recorded.config[key] for key in trained.config.plain()}
    assert recorded == json.loads(json.dumps(trained.config.plain()))
    assert trained.recorded.config["config_hash"] == trained.result["config_hash"]


def test_epochs_are_those_of_metrics_csv(trained: Trained) -> None:
    rows = [row for row in trained.recorded.history if "test/accuracy" in row]
    expected = pandas.read_csv(trained.folder / "metrics.csv")
    assert len(rows) == len(expected) == 3
    for name in expected:
        logged = [row.get(name, math.nan) for row in rows]
        assert logged == pytest.approx(expected[name].tolist(), nan_ok=True)


def test_each_step_has_its_loss(trained: Trained) -> None:
    rows = [row for row in trained.recorded.history if "train/step_loss" in row]
    assert [row["step"] for row in rows] == list(range(1, trained.result["steps"] + 1))
    # Batches of 64, 64, 64 and 8 samples: their losses make up the epoch's running loss.
    losses = [row["train/step_loss"] for row in rows]
    sizes = [64, 64, 64, 8]
    running = pandas.read_csv(trained.folder / "metrics.csv")["train/running_loss"]
    for epoch, expected in enumerate(running):
        of_epoch = losses[4 * epoch : 4 * epoch + 4]
        mean = sum(a * b for a, b in zip(of_epoch, sizes, strict=True)) / 200
        assert mean == pytest.approx(expected, rel=1e-5)


def test_metrics_have_their_own_axes(trained: Trained) -> None:
    axes = {name: metric.step_metric for name, metric in trained.recorded.metrics.items()}
    assert axes["train/*"] == axes["test/*"] == axes["test_clean/*"] == axes["lr"] == "epoch"
    assert axes["test_gaussian/*"] == "epoch"
    assert axes["train/step_loss"] == "step"


def test_summary_has_the_names_of_the_result(trained: Trained) -> None:
    summary, result = _summary(trained), trained.result
    for name, value in result["metrics"].items():
        assert summary[name] == pytest.approx(value)
    assert summary["test/error"] == pytest.approx(1 - result["metrics"]["test/accuracy"])
    assert summary["fit"] == result["fit"]
    assert summary["status"] == "completed"
    assert summary["parameters"] == result["model"]["parameters"] == 38_410
    labels_changed = result["corruption"]["labels_changed"]
    assert summary["corruption"]["labels_changed"] == pytest.approx(labels_changed)


def test_picture_shows_samples(trained: Trained) -> None:
    (path,) = trained.folder.glob("wandb/offline-run-*/files/media/images/samples_*.png")
    assert f"media/images/{path.name}" in trained.recorded.files
    with Image.open(path) as picture:
        assert picture.width > 5 * picture.height  # ten pictures in a row
        assert picture.convert("L").getextrema()[0] < 50


def _table(trained: Trained, name: str) -> list[dict[str, Any]]:
    (path,) = trained.folder.glob(f"wandb/offline-run-*/files/media/table/test/{name}_*.json")
    table = json.loads(path.read_text())
    return [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]


def test_confusion_matrix_is_that_of_the_result(trained: Trained) -> None:
    counts = read_arrays(trained.folder)["confusion_matrix"]
    rows = _table(trained, "confusion_matrix")
    assert [row["samples"] for row in rows] == counts.flatten().tolist()
    assert (rows[1]["true"], rows[1]["predicted"]) == ("0", "1")
    assert sum(row["samples"] for row in rows) == 100
    chart = trained.recorded.config["_wandb.visualize.test/confusion_matrix"]
    assert chart["panel_config"]["panelDefId"] == "wandb/confusion_matrix/v1"


def test_accuracy_by_class_is_the_matrix_diagonal(trained: Trained) -> None:
    counts = read_arrays(trained.folder)["confusion_matrix"]
    rows = _table(trained, "accuracy_by_class")
    assert [row["samples"] for row in rows] == counts.sum(1).tolist()
    shares = (counts.diagonal() / counts.sum(1)).tolist()
    assert [row["accuracy"] for row in rows] == pytest.approx(shares)


def test_tables_lie_in_the_folder_of_the_run(trained: Trained) -> None:
    for artifact in trained.recorded.artifacts:
        for entry in artifact.manifest.contents:
            assert Path(entry.local_path).is_relative_to(trained.folder)
            assert Path(entry.local_path).is_file()


def test_nothing_is_written_outside_the_run_and_no_key_at_all(trained: Trained) -> None:
    root = trained.folder.parents[2]
    outside = [path for path in (root / "home").rglob("*") if "wandb" in str(path).lower()]
    assert outside == []
    for path in root.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_failed_run_is_marked(
    tiny_config: Callable[..., RunConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nullfit.runs.conclusion.result_of", lambda *_: 1 / 0)
    config = tiny_config("logger=wandb", "trainer.max_epochs=1")
    with pytest.raises(ZeroDivisionError):
        train(config, tmp_path / "run")
    (path,) = (tmp_path / "run").glob("wandb/offline-run-*/run-*.wandb")
    assert wandb_file.read(path).exit_code == 1


def test_files_are_kept_on_request(tmp_path: Path) -> None:
    words = ("probe=dynamics", "logger.artifacts=[model,samples]", "logger.notes='for later'")
    found = _trained(tmp_path, *words)
    by_type = {artifact.type: artifact for artifact in found.recorded.artifacts}
    assert {"model", "samples"} <= by_type.keys()
    for kind, file in (("model", "checkpoints/final.ckpt"), ("samples", "samples.csv")):
        (entry,) = by_type[kind].manifest.contents
        assert entry.path == Path(file).name
        assert entry.size == (found.folder / file).stat().st_size
        about = json.loads(by_type[kind].metadata)
        assert about["config_hash"] == config_hash(found.config.plain())
        assert (about["job"], about["data"]) == (found.config.job, "digits")
        assert about["data_sha256"] is None  # it comes with scikit-learn
    assert found.recorded.run.notes == "for later"
    assert found.recorded.alerts == []


@pytest.mark.parametrize("alert", [True, False])
def test_a_run_that_diverges_is_told(tmp_path: Path, alert: bool) -> None:
    words = ("optimizer.lr=1e30", f"logger.alert={str(alert).lower()}")
    found = _trained(tmp_path, *words)
    assert found.result["status"] == "diverged"
    assert [alert.text.split()[3] for alert in found.recorded.alerts] == [found.config.job] * alert


def test_two_runs_in_one_process_are_apart(tiny_config: Any, tmp_path: Path) -> None:
    recorded = []
    for seed in (0, 1):
        config = tiny_config("logger=wandb", "trainer.max_epochs=1", f"seed={seed}")
        train(config, tmp_path / str(seed))
        (path,) = (tmp_path / str(seed)).glob("wandb/offline-run-*/run-*.wandb")
        recorded.append(wandb_file.read(path))
    first, second = recorded
    assert first.run.run_id != second.run.run_id
    for number, found in enumerate(recorded):
        assert found.config["seed"] == number
        for artifact in found.artifacts:
            for entry in artifact.manifest.contents:
                assert Path(entry.local_path).is_relative_to(tmp_path / str(number))


@pytest.mark.parametrize("logger", [["logger=csv"], ["logger=wandb", "logger.mode=disabled"]])
def test_without_wandb_nothing_is_left(tiny_config: Any, tmp_path: Path, logger: Any) -> None:
    train(tiny_config(*logger, "trainer.max_epochs=1"), tmp_path / "run")
    assert not (tmp_path / "run" / "wandb").exists()
