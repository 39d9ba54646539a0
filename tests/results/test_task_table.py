"""The table of another task: one row a setting, what tells settings apart, means over seeds."""

from pathlib import Path

import pandas
import pytest

from nullfit.results.readable_table import readable_task_table
from nullfit.results.table import task_table
from nullfit.results.task_run import TaskRun


def a_run(seed=0, rank=3, mse=1.0, uses=("data", "corruption"), model="mlp", **changed):
    config = {
        "seed": seed,
        "task": {"name": "factorization", "uses": list(uses)},
        "model": {"name": model, "hidden": [8 if model == "mlp" else 16]},
        "data": {"name": "ratings"},
        "corruption": {"name": "none"},
        "factorization": {"rank": rank, "lambda_u": 0.1},
    }
    result = {"task": "factorization", "metrics": {"train/mse": mse / 2, "test/mse": mse}}
    return TaskRun(Path(f"job{seed}"), result | changed, config)


def test_means_and_deviations_over_seeds_of_each_setting_in_order():
    runs = [a_run(0, rank=10, mse=5.0), a_run(0, mse=1.0), a_run(1, mse=3.0)]
    table = task_table(runs)
    assert table["factorization.rank"].tolist() == [3, 10]  # by size, not by text
    assert table["n"].tolist() == [2, 1]
    assert table["test/mse mean"].tolist() == [2.0, 5.0]
    assert table["test/mse sd"].tolist() == pytest.approx([2**0.5, float("nan")], nan_ok=True)
    assert "factorization.lambda_u" not in table  # the same everywhere
    text = readable_task_table(table)
    assert list(text) == ["data", "corruption", "rank", "n", "train/mse", "test/mse"]
    assert text["test/mse"].tolist() == ["2 ± 1.4", "5"]


def test_a_model_that_the_task_does_not_use_tells_nothing_apart():
    runs = [a_run(model="mlp"), a_run(model="lenet")]
    assert "model.hidden" not in task_table(runs)
    assert "model" not in task_table(runs)
    used = task_table([a_run(model=m, uses=("model", "data")) for m in ("mlp", "lenet")])
    assert used["model"].tolist() == ["lenet", "mlp"]
    assert "corruption" not in used


def test_a_test_tells_how_many_features_are_significant():
    runs = [a_run(seed, factorization={"significant": {"holm": 2 + seed}}) for seed in (0, 1)]
    table = task_table([*runs, a_run(rank=4)])
    assert table["significant/holm mean"].tolist() == pytest.approx(
        [2.5, float("nan")], nan_ok=True
    )


def test_settings_that_go_with_the_corruption_tell_nothing_apart():
    runs = [a_run(), a_run()]
    runs[1].config["corruption"] = {"name": "random_entries", "apply_to": "train", "fraction": 0.5}
    assert list(task_table(runs).columns[:3]) == ["data", "corruption", "n"]


def test_runs_without_settings_stand_alone():
    bare = [TaskRun(Path(name), {"task": "old", "metrics": {"x": None}}, {}) for name in "ba"]
    table = task_table(bare)
    assert table["job"].tolist() == ["a", "b"]
    assert readable_task_table(table)["x"].tolist() == ["–", "–"]


def test_metrics_that_some_runs_lack():
    table = task_table([a_run(), a_run(rank=4, metrics={"objective": 2.0})])
    assert table["objective mean"].isna().tolist() == [True, False]
    assert pandas.notna(table["test/mse mean"]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("option", "hidden", "name"),
    [
        ("mlp_1x512", [512], "mlp_1x512"),
        ("mlp_1x512", [64], "mlp_1x64"),
        ("mlp_3x512", [64, 64], "mlp_2x64"),
        ("mlp_128x64", [128, 64], "mlp_128x64"),
        ("mlp_128x64", [300, 100, 50], "mlp_300x100x50"),
        ("mlp_1x512", [], "linear"),
        ("mlp", [64], "mlp"),
        ("cnn_15x15", None, "cnn_15x15"),
    ],
)
def test_a_network_is_called_by_the_sizes_that_it_has(option, hidden, name):
    model = {"name": option} if hidden is None else {"name": option, "hidden": hidden}
    assert TaskRun(Path("job"), {"model": {"name": option}}, {"model": model}).network == name


@pytest.mark.parametrize(
    ("task", "corruption", "label"),
    [
        ("capacity", "none", "random labels"),
        ("rademacher", "none", "random signs"),
        ("rademacher", "gaussian", "Gaussian"),
        ("train", "none", "true labels"),
    ],
)
def test_labels_that_a_task_draws_are_not_called_true(task, corruption, label):
    run = a_run(task=task, corruption={"name": corruption})
    run.config["corruption"] = {"name": corruption}
    assert task_table([run])["corruption"].tolist() == [label]
