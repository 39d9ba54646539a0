"""The scoreboard takes runs of other tasks where a published number is about one."""

from pathlib import Path

import pytest
import yaml

from nullfit.config.composer import config_folder
from nullfit.results.published.figures import published_numbers
from nullfit.results.published.scoreboard import scoreboard
from nullfit.results.study import Run, Study
from nullfit.results.task_run import TaskRun

KERNELS = "Zhang et al. 2017, Table 3 and section 5 (kernels)"
EXAMPLE = "the first author's kernel example"


def config_of(task="kernel", data="mnist", corruption="none", train_limit=None, **kernel):
    settings = {"name": "gaussian", "features": "raw", "ridge": 0.0, "gamma": None} | kernel
    return {
        "seed": 0,
        "scale": None,
        "task": {"name": task, "_target_": "x", "uses": ["data", "corruption"]},
        "data": {"name": data, "train_limit": train_limit, "test_limit": None, "val_fraction": 0.0},
        "corruption": {"name": corruption, "fresh": False},
        "trainer": {"max_epochs": 100},
        "kernel": settings,
    }


def a_run(error=0.0122, norm=220.0, **settings):
    config = config_of(**settings)
    result = {
        "status": "completed",
        "task": config["task"]["name"],
        "data": {"name": config["data"]["name"], "train_samples": 60_000},
        "metrics": {"test/error": error, "solution_norm": norm},
    }
    return TaskRun(Path("nowhere"), result, config)


def board(*runs):
    found = scoreboard(Study("s", Path(), [], [], list(runs)))
    return found.set_index(["source", "quantity"]).sort_index()


def test_errors_and_norms_of_kernels_stand_beside_the_published_ones():
    found = board(a_run(gamma=0.02))
    assert set(found.index) == {
        (KERNELS, "test/error"), (KERNELS, "solution_norm"), (EXAMPLE, "test/error"),
    }  # fmt: skip
    assert found["same_setup"].tolist() == [quantity == "test/error" for _, quantity in found.index]
    (norm,) = found.xs("solution_norm", level="quantity")["remark"]
    assert norm == "no reproduction: the norm depends on kernel.gamma, which is not stated"
    row = found.loc[[(EXAMPLE, "test/error")]].iloc[0]
    assert (row["published"], row["ours"], row["difference"]) == (0.0122, 0.0122, 0.0)
    own = {"name=gaussian", "gamma=0.02", "features=raw", "ridge=0.0"}
    assert set(row["setting"].split(", ")) == {"kernel", *own}


def test_settings_that_differ_in_the_study_tell_rows_apart():
    found = board(a_run(gamma=0.02), a_run(gamma=0.1))
    settings = found.loc[[(KERNELS, "test/error")], "setting"]
    assert sorted("gamma=0.1" in setting for setting in settings) == [False, True]


@pytest.mark.parametrize(
    ("settings", "published"),
    [
        ({"features": "gabor"}, [0.006]),
        ({"data": "cifar10"}, [0.46]),
        ({"data": "cifar10", "features": "random_conv", "filters": 32_000}, [0.17]),
        ({"data": "cifar10", "features": "random_conv", "ridge": 0.5}, [0.15]),
        ({"ridge": 0.5}, []),
        ({"name": "laplacian"}, []),
        ({"data": "digits"}, []),
        ({"corruption": "random_labels"}, []),
        ({"task": "implicit_regularization"}, []),
    ],
)
def test_each_number_has_its_setting(settings, published):
    found = board(a_run(**settings))
    assert found[found.index.get_level_values("quantity") == "test/error"][
        "published"
    ].tolist() == pytest.approx(published)


def test_another_setup_is_no_reproduction():
    found = board(a_run(train_limit=10_000), a_run(data="cifar10", features="random_conv"))
    assert not found["same_setup"].any()
    remarks = set(found["remark"])
    assert "no reproduction: data.train_limit=10000, not null" in " ".join(remarks)
    assert any("kernel.filters=null, not 32000" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"gamma": 5.0}, "kernel.gamma=5.0, not null or 0.02"),
        ({"whitening": "per_image"}, "data.whitening=per_image, not none"),
    ],
)
def test_another_width_or_whitening_is_another_setup(change, told):
    run = a_run(**{key: value for key, value in change.items() if key == "gamma"})
    run.config["data"] |= {key: value for key, value in change.items() if key == "whitening"}
    assert told in board(run).loc[(KERNELS, "test/error"), "remark"]


def test_what_a_task_does_not_measure_is_no_row():
    assert board(a_run(task="permutation_test")).empty
    timed = a_run(task="permutation_test")
    timed.result["metrics"]["seconds_per_sample"] = 0.001
    assert board(timed)["published"].tolist() == [8.67]


def test_trainings_are_not_held_against_numbers_of_other_tasks():
    run = a_run()
    training = Run(
        run.folder, {**run.result, "task": "train"}, config_of(task="train") | {"model": {}}
    )
    assert scoreboard(Study("s", Path(), [training], [])).empty


def test_published_settings_of_kernels_are_settings_of_the_task():
    settings = yaml.safe_load((config_folder() / "task/kernel.yaml").read_text())["kernel"]
    named = {
        key.removeprefix("kernel.")
        for number in published_numbers()
        for key in (*number.match, *number.setup)
        if key.startswith("kernel.")
    }
    assert named
    assert named <= set(settings)
