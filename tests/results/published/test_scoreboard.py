"""The scoreboard on a study that was never trained: results and settings are written by hand."""

import json
import math

import numpy as np
import pytest
import yaml

from nullfit.results.published.curves import published_curves
from nullfit.results.published.figures import published_numbers
from nullfit.results.published.scoreboard import COLUMNS, readable, scoreboard
from nullfit.results.published.setup import matches
from nullfit.results.result import write_arrays
from nullfit.results.study import read_study
from nullfit.results.task_run import TaskRun

CIFAR = [
    *("data=cifar10", "trainer.max_epochs=100", "schedule.gamma=0.95"),
    "trainer.stop_at_train_accuracy=null",
]
TABLE_1 = "Zhang et al. 2017, Table 1"
SAMPLES = {"cifar10": 50_000, "digits": 1_437, "mnist": 60_000}


@pytest.fixture
def add_run(make_config, tmp_path):
    """Writes a finished run with the given test accuracy."""

    def add(
        *overrides,
        test=0.85,
        train=1.0,
        steps_to_fit=100,
        status="completed",
        losses=(),
        threshold=0.99,
        data=None,
    ):
        config = make_config("study=s", *overrides)
        folder = tmp_path / "outputs/s" / config.job
        folder.mkdir(parents=True, exist_ok=True)
        plain = config.plain()
        (folder / "config.yaml").write_text(yaml.safe_dump(plain))
        name = config.data.name
        strength = {k: v for k, v in config.corruption.settings.items() if k != "steps"}
        result = {
            "status": status,
            **{"task": "train", "seed": config.seed, "config_hash": "x"},
            "model": {"name": config.model.name, "parameters": 1_649_402},
            "data": data or {"name": name, "train_samples": SAMPLES[name]},
            "corruption": {"name": config.corruption.name, **strength},
            "metrics": {"train/accuracy": train, "test/accuracy": test, "train/loss": 0.01},
            "fit": {"epochs_to_fit": 1, "steps_to_fit": steps_to_fit, "threshold": threshold},
            **{"epochs": 100, "wall_seconds": 50.0},
        }
        (folder / "result.json").write_text(json.dumps(result))
        rows = [f"{i + 1},{10 * (i + 1)},{loss}" for i, loss in enumerate(losses)]
        (folder / "metrics.csv").write_text("\n".join(["epoch,step,train/loss", *rows]) + "\n")
        return folder

    return add


@pytest.fixture
def board(tmp_path):
    """Rows of the study's scoreboard for one source and quantity."""

    def rows(source, quantity):
        found = scoreboard(read_study(str(tmp_path / "outputs"), "s"))
        assert list(found.columns) == list(COLUMNS)
        chosen = found[(found["source"] == source) & (found["quantity"] == quantity)]
        return chosen.to_dict("records")

    return rows


def test_mean_deviation_and_difference_over_seeds(add_run, board):
    for seed, accuracy in enumerate((0.84, 0.85, 0.86)):
        add_run("model=inception", *CIFAR, f"seed={seed}", test=accuracy)
    (row,) = board(TABLE_1, "test/accuracy")
    assert row["published"] == pytest.approx(0.8575)
    assert (row["ours"], row["sd"], row["n"]) == (pytest.approx(0.85), pytest.approx(0.01), 3)
    assert row["difference"] == pytest.approx(-0.0075)
    assert row["same_setup"] is True
    assert row["remark"] == ""
    (parameters,) = board(TABLE_1, "parameters")
    assert parameters["difference"] == 0


@pytest.mark.parametrize(
    ("overrides", "remark"),
    [
        (["data=digits"], "other data: digits"),
        (["trainer.max_epochs=40"], "40 epochs, fewer than 60"),
        (["data.train_limit=1000"], "data.train_limit=1000, not null"),
        (["data.crop=null"], "data.crop=null, not 28"),
        (["optimizer.lr=0.05"], "optimizer.lr=0.05, not 0.1"),
        (["schedule=cosine"], "schedule=cosine, not exponential"),
        (["model.dropout=0.5"], "model.dropout=0.5, not 0.0"),
        (["optimizer.nesterov=true"], "optimizer.nesterov=True, not False"),
        (["data.whitening=none"], "data.whitening=none, not per_image"),
        (["trainer.precision=64-true"], "trainer.precision=64-true, not 32-true"),
        (["corruption.fresh=true"], "corruption.fresh=True, not False"),
        (["trainer.stop_at_train_accuracy=1.0"], "trainer.stop_at_train_accuracy=1.0, not null"),
    ],
)
def test_another_setup_is_no_reproduction_and_says_why(add_run, board, overrides, remark):
    settings = ["model=inception", *CIFAR, *overrides]
    if "schedule=cosine" in overrides:
        settings.remove("schedule.gamma=0.95")
    add_run(*settings)
    (row,) = board(TABLE_1, "test/accuracy")
    assert row["same_setup"] is False
    assert row["remark"] == f"no reproduction: {remark}"


def test_small_scale_is_no_reproduction_even_with_the_papers_data(add_run, board):
    limits = ["data.train_limit=null", "data.test_limit=null"]
    add_run("experiment=figure_1a", "model=inception", "corruption=none", *CIFAR, *limits)
    (row,) = board(TABLE_1, "test/accuracy")
    assert row["same_setup"] is False
    assert row["remark"] == "no reproduction: scale=small"


def test_a_network_of_the_published_name_has_its_published_settings(add_run, board):
    add_run("model=mlp_1x512", "model.hidden=[16]", *CIFAR)
    (row,) = board(TABLE_1, "test/accuracy")
    assert row["remark"] == "no reproduction: model.hidden=[16], not [512]"


RANDOM = "corruption=random_labels"
MLP_ON_RANDOM_LABELS = [
    "model=mlp",
    "model.hidden=[512]",
    "model.bias=false",
    "model.initialization=glorot",
    "optimizer.lr=0.01",
    RANDOM,
]


@pytest.mark.parametrize(
    ("experiment", "cell", "source", "quantity"),
    [
        ("table_1", ["model=mlp_1x512", RANDOM], TABLE_1, "test/accuracy"),
        (
            "table_4",
            ["model=mlp_3x512", "regularizer=weight_decay", RANDOM],
            "Zhang et al. 2017, Table 4",
            "train/accuracy",
        ),
        (
            "figure_1a",
            ["model=inception", "corruption=gaussian"],
            "Zhang et al. 2017, Figure 1a",
            "train/loss",
        ),
        (
            "figure_1bc",
            ["model=alexnet", RANDOM],
            "Zhang et al. 2017, Figure 1b",
            "relative_time_to_fit",
        ),
        (
            "label_noise_grid",
            ["model=wide_resnet", "model.initialization=he_fan_out", RANDOM],
            "fitting-random-labels",
            "train/accuracy",
        ),
        (
            "mini_googlenet",
            ["model=mini_googlenet"],
            "a mini-GoogLeNet notebook",
            "best_val_accuracy",
        ),
        (
            "inception_notebook",
            ["model=inception_flat_head", "corruption=none"],
            "a small Inception notebook",
            "parameters",
        ),
        ("cnn_against_mlp", ["model=lenet"], "a CNN-against-MLP exercise", "test/accuracy"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_the_experiments_at_the_papers_scale_have_the_published_setup(
    add_run, board, experiment, cell, source, quantity
):
    add_run(f"experiment={experiment}", "study=s", "scale=paper", *cell)
    (row,) = board(source, quantity)
    assert row["same_setup"], row["remark"]


EXERCISE = "a CNN-against-MLP exercise"


def test_accuracies_by_class_are_read_off_the_confusion_matrices(add_run, board):
    experiment = ["experiment=cnn_against_mlp", "study=s", "scale=paper", "model=lenet"]
    folder = add_run(*experiment, "data.test_corruptions=[random_pixels]")
    result = json.loads((folder / "result.json").read_text())
    result["data"]["class_names"] = ["plane", "car", "bird"]
    result["metrics"]["test_random_pixels/accuracy"] = 0.2
    (folder / "result.json").write_text(json.dumps(result))
    clean = np.array([[8, 0, 2], [3, 1, 1], [0, 0, 0]])  # rows are true classes
    permuted = np.array([[1, 0, 9], [0, 5, 0], [0, 0, 0]])
    write_arrays(folder, confusion_matrix=clean, confusion_matrix_random_pixels=permuted)
    expected = {
        "test/accuracy_of_class_0": 0.8,
        "test/accuracy_of_class_1": 0.2,
        "test_random_pixels/accuracy_of_class_0": 0.1,
        "test_random_pixels/accuracy_of_class_1": 1.0,
        "test_random_pixels/accuracy": 0.2,
    }
    for quantity, value in expected.items():
        (row,) = board(EXERCISE, quantity)
        assert row["ours"] == pytest.approx(value)
        assert row["same_setup"], row["remark"]
    (car,) = board(EXERCISE, "test/accuracy_of_class_1")
    assert car["setting"].endswith(", class car")
    for number in (2, 3):  # without test samples, and there is none
        (row,) = board(EXERCISE, f"test/accuracy_of_class_{number}")
        assert (row["n"], row["remark"]) == (0, "not measured")


def test_other_test_sets_are_not_measured_by_runs_without_them(add_run, board):
    add_run("experiment=cnn_against_mlp", "study=s", "scale=paper", "model=lenet")
    (row,) = board(EXERCISE, "test_random_pixels/accuracy")
    assert (row["n"], row["remark"]) == (0, "not measured")


def test_only_the_runs_of_a_setting_are_compared(add_run, board):
    add_run("model=inception", *CIFAR, test=0.1)
    add_run("model=inception", *CIFAR, "regularizer=weight_decay", test=0.2)
    add_run("model=inception", *CIFAR, "corruption=random_labels", test=0.3)
    add_run("model=inception", *CIFAR, "corruption=random_labels", "corruption.probability=0.5")
    found = {row["published"]: row["ours"] for row in board(TABLE_1, "test/accuracy")}
    assert found == {0.8575: 0.1, 0.8603: 0.2, 0.0978: 0.3}


def test_two_setups_of_one_cell_are_two_rows(add_run, board):
    add_run("model=inception", *CIFAR, test=0.8)
    add_run("model=inception", *CIFAR, "data.batch_size=64", test=0.9)
    rows = board("an independent reproduction of Table 1", "test/accuracy")
    assert {(row["ours"], row["same_setup"]) for row in rows} == {(0.8, True), (0.9, False)}


def test_nothing_to_compare_is_an_empty_frame(add_run, board):
    add_run("model=wide_resnet_10", "corruption=uniform_pixels")
    assert board(TABLE_1, "test/accuracy") == []


def test_times_by_different_thresholds_are_not_divided(add_run, board):
    grid = ["model=inception", "corruption=random_labels"]
    add_run(*grid, "corruption.probability=0.0", threshold=1.0)
    add_run(*grid, "corruption.probability=1.0", threshold=0.99)
    (row,) = board("Zhang et al. 2017, Figure 1b", "relative_time_to_fit")
    assert row["n"] == 0


def test_time_to_fit_is_relative_to_true_labels(add_run, board):
    grid = ["model=inception", "corruption=random_labels"]
    for seed in (0, 1):
        add_run(*grid, "corruption.probability=0.0", f"seed={seed}", steps_to_fit=100 + 100 * seed)
    add_run(*grid, "corruption.probability=1.0", steps_to_fit=450)
    (row,) = board("Zhang et al. 2017, Figure 1b", "relative_time_to_fit")
    assert row["ours"] == pytest.approx(3)


def test_steps_until_the_loss_was_low(add_run, board):
    add_run("model=inception", losses=(0.5, 0.1, 0.05))
    (row,) = board("another reproduction of Figure 1a", "steps_to_loss_0.1")
    assert row["ours"] == 20


def test_a_loss_that_never_got_there_is_told(add_run, board):
    add_run("model=inception", losses=(0.5, 0.4))
    (row,) = board("another reproduction of Figure 1a", "steps_to_loss_0.1")
    assert math.isnan(row["ours"])
    assert row["n"] == 0
    assert row["remark"].endswith("1 of 1 runs never got there")


def test_what_batch_norm_gains(add_run, board):
    add_run("model=inception", test=0.9)
    add_run("model=inception_no_bn", test=0.85)
    (row,) = board("Zhang et al. 2017, Figure 2b", "accuracy_gained_by_batch_norm")
    assert row["ours"] == pytest.approx(0.05)


def test_diverged_runs_are_told_and_not_averaged(add_run, board):
    add_run("model=inception", *CIFAR, test=0.85)
    add_run("model=inception", *CIFAR, "seed=1", test=0.1, train=0.1, status="diverged")
    (row,) = board(TABLE_1, "test/accuracy")
    assert (row["n"], row["ours"]) == (1, 0.85)
    assert "1 of 2 runs diverged" in row["remark"]


def test_random_test_labels_are_another_quantity(add_run, board):
    add_run(
        "experiment=label_noise_grid",
        "study=s",
        "scale=paper",
        "model=wide_resnet",
        "model.initialization=he_fan_out",
        "corruption=random_labels",
    )
    (row,) = board("fitting-random-labels", "test/accuracy")
    assert row["remark"] == "no reproduction: its test labels are random too"


def test_readable_marks_what_is_no_reproduction(add_run, tmp_path):
    add_run("model=inception", *CIFAR, test=0.85)
    add_run("model=inception", "data=digits", test=0.97)
    text = readable(scoreboard(read_study(str(tmp_path / "outputs"), "s")))
    chosen = text[(text["source"] == TABLE_1) & (text["quantity"] == "test/accuracy %")]
    found = set(zip(chosen["ours"], chosen["difference"], chosen["same setup"], strict=True))
    assert found == {("85.00", "-0.75", "yes"), ("97.00", "+11.25", "NO")}


NOTEBOOK = ["experiment=mini_googlenet", "study=s", "scale=paper"]


def test_points_of_a_curve_are_held_against_runs_that_got_there(add_run, board):
    add_run("experiment=label_noise_grid", "study=s", "scale=paper", *MLP_ON_RANDOM_LABELS)
    assert board("fitting-random-labels", "train/loss") == []
    add_run(
        *("experiment=label_noise_grid", "study=s", "scale=paper", *MLP_ON_RANDOM_LABELS),
        losses=[1 / epoch for epoch in range(1, 222)],
    )
    (row,) = board("fitting-random-labels", "train/loss")
    assert (row["epoch"], row["published"], row["n"]) == (221, 0.0147, 1)
    assert row["ours"] == pytest.approx(1 / 221, abs=1e-6)
    assert row["same_setup"], row["remark"]


def test_the_first_epochs_of_a_shorter_run_are_those_of_the_curve(add_run, tmp_path):
    shorter = ["experiment=label_noise_grid", "study=s", "scale=paper", *MLP_ON_RANDOM_LABELS]
    add_run(*shorter, "trainer.max_epochs=221", losses=[0.5] * 221)
    found = scoreboard(read_study(str(tmp_path / "outputs"), "s"))
    points = found["epoch"].notna()
    assert found.loc[points, "quantity"].tolist() == ["train/loss"]
    assert found.loc[points, "same_setup"].all()
    assert not found.loc[~points, "same_setup"].any()
    text = readable(found)
    assert "train/loss after epoch 221" in set(text["quantity"])


def test_a_run_whose_rate_falls_to_its_end_has_first_epochs_of_its_own(add_run, board):
    settings = ["experiment=label_noise_grid", "study=s", "scale=paper", *MLP_ON_RANDOM_LABELS]
    add_run(
        *settings,
        "schedule=cosine",
        "~schedule.milestones",
        "trainer.max_epochs=221",
        losses=[0.5] * 221,
    )
    assert board("fitting-random-labels", "train/loss") == []


CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.mark.parametrize(
    ("changed", "remark"),
    [
        ({}, "cifar10 from image files, which may be lossy"),
        ({"test_samples": 9_999}, "other data: image_folder"),
        ({"class_names": CLASSES[::-1]}, "other data: image_folder"),
        ({"train_samples": 45_000}, "other data: image_folder"),
        (
            {"train_samples": 45_000, "val_samples": 5_000},
            "cifar10 from image files, which may be lossy",
        ),
    ],
)
def test_a_copy_of_the_images_is_told_apart_from_other_data(
    add_run, board, tmp_path, changed, remark
):
    copy = {
        "name": "image_folder",
        "class_names": CLASSES,
        "train_samples": 50_000,
        "test_samples": 10_000,
        **changed,
    }
    for name in ("train/a/1.png", "test/a/1.png"):
        (tmp_path / "images" / name).parent.mkdir(parents=True)
        (tmp_path / "images" / name).write_bytes(b"")
    folder = ["data=image_folder", f"data.root={tmp_path}/images", *CIFAR[1:]]
    add_run("model=inception", *folder, data=copy)
    (row,) = board(TABLE_1, "test/accuracy")
    assert row["same_setup"] is False
    assert row["remark"] == f"no reproduction: {remark}"


@pytest.mark.parametrize(("samples", "found"), [(50_000, 46), (49_999, None)])
def test_what_belongs_to_data_belongs_to_a_copy_of_them(make_config, tmp_path, samples, found):
    (tmp_path / "train/a").mkdir(parents=True)
    config = make_config("task=kernel", "data=image_folder", f"data.root={tmp_path}").plain()
    copy = {"class_names": CLASSES, "train_samples": samples, "test_samples": 10_000}
    run = TaskRun(tmp_path, {"data": {"name": "image_folder", **copy}}, config)
    errors = [
        published.value
        for published in published_numbers()
        if published.quantity == "test/error" and matches(run, published)
    ]
    assert errors == ([] if found is None else [found / 100])


def test_points_are_drawn_beside_runs_of_the_same_settings_alone(add_run, tmp_path):
    settings = ["experiment=label_noise_grid", "study=s", "scale=paper", *MLP_ON_RANDOM_LABELS]
    add_run(*settings)
    add_run(*settings, "data.batch_size=64")
    add_run(*settings, "data=digits")
    found = read_study(str(tmp_path / "outputs"), "s").runs
    points = {run.folder.name: published_curves(run) for run in found}
    (drawn,) = [each for each in points.values() if len(each)]
    chosen = drawn[drawn["metric"] == "train/accuracy"]
    assert chosen["epoch"].tolist() == [1, 2, 3, 4, 5]  # its 100 epochs reach no further
    assert chosen["value"].tolist() == [0.1259, 0.1592, 0.1773, 0.1864, 0.209]


FORGETTING = "Toneva et al. 2019 (example forgetting), section 4.1"


def test_samples_that_no_seed_forgot_are_counted_over_all_seeds(add_run, board):
    experiment = ("experiment=forgetting", "scale=paper", "study=s", "corruption=none")
    quantity = "never_forgotten_in_any_run"
    add_run(*experiment, "probe=none")
    (row,) = board(FORGETTING, quantity)
    assert row["same_setup"]
    assert row["remark"] == "published: over five seeds; not measured"
    for seed, forgetting in enumerate([[0, 0, 0, 1], [0, 0, math.inf, 0]], start=1):
        folder = add_run(*experiment, f"seed={seed}")
        result = json.loads((folder / "result.json").read_text())
        (folder / "result.json").write_text(json.dumps({**result, "dynamics": {}}))
        write_arrays(folder, forgetting=np.array(forgetting, dtype=np.float32))
    rows = board(FORGETTING, quantity)
    (counted,) = (row for row in rows if row["n"])
    assert (counted["ours"], counted["n"], math.isnan(counted["sd"])) == (0.5, 2, True)
    add_run(*experiment, "model.dropout=0.5")
    assert {row["same_setup"] for row in board(FORGETTING, quantity)} == {True, False}
