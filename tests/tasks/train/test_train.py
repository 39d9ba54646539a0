"""A run from configuration to result, its resumption, and what it leaves behind."""

import json
from pathlib import Path

import pandas
import pytest
import torch

from nullfit.errors import UserError
from nullfit.results.result import read_arrays, read_result
from nullfit.tasks.train.task import train
from nullfit.training.recorder import Recorder

CONTRACT = {
    *("status", "task", "study", "job", "seed", "config_hash", "model", "data", "corruption"),
    *("metrics", "fit", "epochs", "steps", "wall_seconds", "images_per_second", "versions"),
}


class PulledError(Exception):
    """Someone pulled the plug."""


@pytest.fixture
def pull_the_plug(monkeypatch: pytest.MonkeyPatch):
    """Interrupt the training in the middle of an epoch; undone by calling what it returns."""

    def at(epoch: int):
        look = Recorder.on_train_batch_end

        def pull(self, trainer, pl_module, outputs, batch, batch_idx):
            look(self, trainer, pl_module, outputs, batch, batch_idx)
            if trainer.current_epoch == epoch and batch_idx == 1:
                raise PulledError

        monkeypatch.setattr(Recorder, "on_train_batch_end", pull)
        return lambda: monkeypatch.setattr(Recorder, "on_train_batch_end", look)

    return at


def test_result_keeps_the_contract(tiny_config, tmp_path: Path) -> None:
    config = tiny_config(
        "corruption=random_labels", "trainer.max_epochs=2", "data.val_fraction=0.1"
    )
    train(config, tmp_path)
    result = json.loads((tmp_path / "result.json").read_text())
    assert result.keys() >= CONTRACT
    assert result["status"] == "completed"
    assert result["task"] == "train"
    assert result["model"] == {"name": "mlp_1x512", "parameters": 64 * 512 + 512 + 5130}
    assert result["data"]["input_shape"] == [1, 8, 8]
    assert (result["data"]["train_samples"], result["data"]["test_samples"]) == (180, 100)
    assert result["data"]["classes"] == 10
    assert result["corruption"]["labels_changed"] == pytest.approx(0.9, abs=0.08)
    assert result["corruption"]["images_changed"] == 0
    assert set(result["metrics"]) == {
        *("train/loss", "train/accuracy", "train/margin", "val/loss", "val/accuracy", "test/loss"),
        *("test/accuracy", "test_clean/accuracy", "train/accuracy_true_labels"),
        *("train/accuracy_corrupted", "train/accuracy_untouched"),
        *("weights/norm", "weights/log_norm", "weights/log_norm_product"),
        "weights/distance_from_start",
    }
    assert set(result["fit"]) == {"threshold", "epochs_to_fit", "steps_to_fit"}
    assert {"python", "torch", "nullfit"} <= result["versions"].keys()
    assert (result["epochs"], result["steps"]) == (2, 4)


def test_accuracies_by_kind_of_label_add_up(tiny_config, tmp_path: Path) -> None:
    overrides = ["corruption=random_labels", "corruption.probability=0.5", "optimizer.lr=0.1"]
    result = train(tiny_config(*overrides, "trainer.max_epochs=10"), tmp_path)
    metrics, changed = result["metrics"], result["corruption"]["labels_changed"]
    assert metrics["train/accuracy"] == pytest.approx(
        changed * metrics["train/accuracy_corrupted"]
        + (1 - changed) * metrics["train/accuracy_untouched"]
    )


def test_metrics_file_has_a_row_for_each_epoch_and_ends_like_the_result(
    tiny_config, tmp_path: Path
) -> None:
    result = train(tiny_config("trainer.max_epochs=3"), tmp_path)
    rows = pandas.read_csv(tmp_path / "metrics.csv")
    assert rows["epoch"].tolist() == [1, 2, 3]
    last = rows.iloc[-1]
    assert {name: last[name] for name in result["metrics"]} == pytest.approx(result["metrics"])


def test_confusion_matrix_counts_the_test_set(tiny_config, tmp_path: Path) -> None:
    result = train(tiny_config("trainer.max_epochs=2"), tmp_path)
    counts = read_arrays(tmp_path)["confusion_matrix"]
    assert counts.sum() == 100
    assert counts.trace() / 100 == pytest.approx(result["metrics"]["test/accuracy"])


def test_further_test_sets_are_measured_and_change_nothing_else(tiny_config, tmp_path: Path):
    given = "data.test_corruptions=[random_pixels,{name:gaussian_noise,sigma:0.2}]"
    epochs = "trainer.max_epochs=2"
    result = train(tiny_config(epochs, given), tmp_path / "further")
    plain = train(tiny_config(epochs), tmp_path / "plain")
    corrupted = train(
        tiny_config(epochs, "corruption=random_pixels", "corruption.apply_to=test"),
        tmp_path / "corrupted",
    )
    names = ("random_pixels", "gaussian_noise_sigma0.2")
    further = {f"test_{name}/{what}" for name in names for what in ("loss", "accuracy")}
    metrics = result["metrics"]
    assert {key: metrics[key] for key in metrics if key not in further} == plain["metrics"]
    for what in ("loss", "accuracy"):
        same = corrupted["metrics"][f"test/{what}"]
        assert metrics[f"test_random_pixels/{what}"] == same != metrics[f"test/{what}"]
    rows = pandas.read_csv(tmp_path / "further/metrics.csv")
    assert rows[sorted(further)].notna().all(axis=None)
    arrays = read_arrays(tmp_path / "further")
    for name in names:
        counts = arrays[f"confusion_matrix_{name}"]
        assert counts.sum() == 100
        assert counts.trace() / 100 == metrics[f"test_{name}/accuracy"]
        assert (counts.sum(1) == arrays["confusion_matrix"].sum(1)).all()  # rows are true classes


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["schedule=one_cycle"],
        ["corruption=random_labels", "corruption.fresh=true", "model.dropout=0.5"],
        [
            *("model=wide_resnet_10", "data.train_limit=40", "data.batch_size=16"),
            *("optimizer=adamw", "regularizer=[weight_noise,augmentation]"),
        ],
    ],
    ids=["plain", "one cycle", "fresh, dropout", "batch norm, noise, augmentation"],
)
def test_an_interrupted_run_goes_on_to_the_same_bits(
    tiny_config, tmp_path: Path, pull_the_plug, overrides
) -> None:
    config = tiny_config("trainer.max_epochs=5", "trainer.checkpoint_seconds=0", *overrides)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    undisturbed = train(config, whole)
    plug_in = pull_the_plug(at_epoch := 3)
    with pytest.raises(PulledError):
        train(config, broken)
    assert read_result(broken) is None
    plug_in()
    resumed = train(config, broken)
    assert resumed["metrics"] == undisturbed["metrics"]
    assert (resumed["epochs"], resumed["steps"]) == (undisturbed["epochs"], undisturbed["steps"])
    rows = [
        pandas.read_csv(f / "metrics.csv").drop(columns=["seconds", "epoch_seconds"])
        for f in (whole, broken)
    ]
    assert rows[0].equals(rows[1])
    ends = [torch.load(f / "checkpoints/final.ckpt", weights_only=True) for f in (whole, broken)]
    for name, value in ends[0]["state_dict"].items():
        assert torch.equal(value, ends[1]["state_dict"][name])
    assert at_epoch < undisturbed["epochs"]


def test_a_resumed_run_does_not_start_over(tiny_config, tmp_path: Path, pull_the_plug) -> None:
    config = tiny_config("trainer.max_epochs=5", "trainer.checkpoint_seconds=0")
    plug_in = pull_the_plug(3)
    with pytest.raises(PulledError):
        train(config, tmp_path)
    plug_in()
    before = (tmp_path / "metrics.csv").read_text().splitlines()
    train(config, tmp_path)
    after = (tmp_path / "metrics.csv").read_text().splitlines()
    assert after[: len(before)] == before  # seconds and all: those epochs were not run again


def test_the_checkpoint_of_another_run_is_not_taken(
    tiny_config, tmp_path: Path, pull_the_plug
) -> None:
    plug_in = pull_the_plug(3)
    with pytest.raises(PulledError):
        train(tiny_config("trainer.max_epochs=5", "trainer.checkpoint_seconds=0"), tmp_path)
    plug_in()
    other = tiny_config("trainer.max_epochs=5", "seed=1")
    assert train(other, tmp_path)["metrics"] == train(other, tmp_path / "alone")["metrics"]


def test_a_finished_run_is_not_repeated(tiny_config, tmp_path: Path, capsys) -> None:
    config = tiny_config("trainer.max_epochs=1")
    first = train(config, tmp_path)
    written = (tmp_path / "result.json").stat().st_mtime_ns
    assert train(config, tmp_path)["metrics"] == first["metrics"]
    assert (tmp_path / "result.json").stat().st_mtime_ns == written
    _, said, again = capsys.readouterr().out.partition("finished before")
    assert said
    assert "not fitted: the loss still falls" in again  # the verdict is repeated
    assert not (tmp_path / "checkpoints/last.ckpt").exists()


def test_another_setting_never_reuses_a_result(tiny_config, tmp_path: Path) -> None:
    train(tiny_config("trainer.max_epochs=1"), tmp_path)
    assert train(tiny_config("trainer.max_epochs=2"), tmp_path)["epochs"] == 2


def test_what_says_only_where_and_how_is_no_other_job_but_each_study_trains_its_own(
    tiny_config, capsys
) -> None:
    def trained(*overrides: str) -> bool:
        config = tiny_config("trainer.max_epochs=1", *overrides)
        train(config, Path(config.outputs) / config.study / config.job)
        return "finished before" not in capsys.readouterr().out

    assert trained("study=first")
    assert not trained("study=first", "logger=tensorboard", "trainer.threads=1", "data.root=no")
    assert trained("study=second")
    assert not trained("study=second")


def test_divergence_is_a_result(tiny_config, tmp_path: Path, capsys) -> None:
    train(tiny_config("optimizer.lr=1e30", "trainer.max_epochs=50"), tmp_path)
    result = json.loads((tmp_path / "result.json").read_text())  # no NaN: JSON has none
    assert result["status"] == "diverged"
    assert (
        "diverged: the loss is no longer finite; give optimizer.lr=1e+29" in capsys.readouterr().out
    )


@pytest.mark.parametrize("content", ["", "{", '{"status": 1}', "\xff"], ids=repr)
def test_a_damaged_result_is_refused(tiny_config, tmp_path: Path, content: str) -> None:
    (tmp_path / "result.json").write_text(content, encoding="latin-1")
    with pytest.raises(UserError, match=r"result\.json.*\nDelete it to run the job again"):
        train(tiny_config("trainer.max_epochs=1"), tmp_path)


def test_bad_input_leaves_nothing(tiny_config, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for overrides in (["model=cnn_15x15"], ["regularizer=random_crop"], ["data.train_limit=5000"]):
        with pytest.raises(UserError):
            train(tiny_config(*overrides), folder)
    assert not folder.exists()


@pytest.mark.parametrize("regularizer", ["none", "random_crop"])
def test_the_first_line_says_that_images_are_cropped(
    tiny_config, tmp_path: Path, capsys, regularizer: str
) -> None:
    choice = ("model.hidden=[4]", "trainer.max_epochs=1", f"regularizer={regularizer}")
    train(tiny_config(*choice, "data.crop=6"), tmp_path / "cropped")
    assert "200 training images of 6×6×1 cut out of 8×8 (data.crop=6), " in capsys.readouterr().out
    train(tiny_config(*choice[:2]), tmp_path / "whole")
    assert "200 training images of 8×8×1, " in capsys.readouterr().out


def test_the_first_line_says_the_level_asked_for_and_the_true_one(
    tiny_config, tmp_path: Path, capsys
) -> None:
    choice = ("model.hidden=[4]", "trainer.max_epochs=1", "corruption=random_labels")
    noisy = tiny_config(*choice, "corruption.probability=0.5", "corruption.always_change=true")
    result = train(noisy, tmp_path / "noisy")
    share = f"{100 * result['corruption']['labels_changed']:.1f}"
    said = f", {share}% of their labels changed (random labels 50 %, always change), at most 1"
    assert said in capsys.readouterr().out
    train(tiny_config(*choice[:2]), tmp_path / "true")
    assert "labels changed" not in capsys.readouterr().out


def test_a_file_of_labels_is_accounted_for(tiny_config, tmp_path: Path, capsys) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("index,label\n" + "".join(f"{index},3\n" for index in range(1797 // 2)))
    choice = ("model.hidden=[4]", "trainer.max_epochs=1", "corruption=labels_from_file")
    result = train(tiny_config(*choice, f"corruption.path={path}"), tmp_path / "run")
    account, first, *_ = capsys.readouterr().out.splitlines()
    assert account.startswith(f"labels of {path}: ")
    assert " of 200 training samples have one (" in account
    changed = result["corruption"]["labels_changed"]
    assert 0.4 < changed < 0.9
    assert f"{100 * changed:.1f}% of their labels changed (labels from a file), " in first


def test_random_crops_and_augmentation_train(tiny_config, tmp_path: Path) -> None:
    config = tiny_config(
        "regularizer=[random_crop,augmentation]",
        "regularizer.random_crop.padding=1",
        "trainer.max_epochs=2",
    )
    assert train(config, tmp_path)["data"]["input_shape"] == [1, 8, 8]


def test_tensorboard_and_wandb_leave_their_records(tiny_config, tmp_path: Path) -> None:
    train(tiny_config("logger=tensorboard", "trainer.max_epochs=1"), tmp_path / "t")
    assert list((tmp_path / "t/tensorboard").glob("events.*"))
    train(tiny_config("logger=wandb", "trainer.max_epochs=1"), tmp_path / "w")
    assert list((tmp_path / "w/wandb").glob("offline-run-*/run-*.wandb"))
