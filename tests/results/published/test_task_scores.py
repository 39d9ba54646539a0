"""The scoreboard takes runs of other tasks where a published number is about one."""

from pathlib import Path

import pytest
import yaml

from nullfit.config.composer import config_folder
from nullfit.results.published.figures import published_numbers
from nullfit.results.published.scoreboard import readable, scoreboard
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


def test_a_row_leaves_out_what_differs_between_runs_of_other_features_alone():
    filters = {"data": "cifar10", "features": "random_conv"}
    runs = [a_run(**filters, filters=number) for number in (1024, 2048)]
    found = board(a_run(gamma=0.02), *runs)
    settings = found.xs("test/error", level="quantity")["setting"]
    assert sorted("filters=" in text for text in settings) == [False, False, True, True]
    assert all(("filters=" in text) == ("random_conv" in text) for text in settings)


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


def bounded(bound, corruption="none", **changes):
    """A run of task=pac_bayes around the network of the paper."""
    config = config_of(task="pac_bayes", corruption=corruption)
    del config["kernel"]
    del config["task"]["uses"]
    config["data"] |= {
        "binary": [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]], "batch_size": 100, "whitening": "none",
    }  # fmt: skip
    if corruption != "none":
        config["corruption"] |= {"probability": 1.0}
    config |= {
        "model": {"name": "mlp", "hidden": [600]},
        "optimizer": {"name": "sgd", "lr": 0.01, "momentum": 0.9},
        "schedule": {"name": "constant"},
        "trainer": {"max_epochs": 20},
        "pac_bayes": {
            "run": "outputs/x", "epochs": 1000, "batch_size": 100, "learning_rate": 0.001,
            "samples": 150_000, "delta": 0.025, "monte_carlo_delta": 0.01, "deviation": 0.3,
            "prior_variance": 0.1, "prior_density": 100.0,
        } | changes,
    }  # fmt: skip
    result = {
        "status": "completed",
        "task": "pac_bayes",
        "data": {"name": "mnist", "train_samples": 60_000},
        "corruption": {"name": corruption},
        "metrics": {"pac_bayes_bound": bound, "train/accuracy": 1.0, "test/accuracy": 0.98},
    }
    return TaskRun(Path("nowhere"), result, config)


def test_bounds_stand_beside_the_published_ones():
    found = board(bounded(0.2), bounded(0.7, "random_labels", epochs=60, delta=0.05, run="y"))
    rows = found.xs("pac_bayes_bound", level="quantity").set_index("setting")
    assert len(rows) == len(found) - 2  # accuracies of the network trained on true labels
    true, random = sorted(rows.index)
    assert true.startswith("pac_bayes, epochs=1000")
    assert random.startswith("pac_bayes, random labels")
    assert "run=" not in true + random
    assert rows.loc[true, ["published", "ours"]].tolist() == [0.161, 0.2]
    assert rows.loc[random, ["published", "ours"]].tolist() == [1.352, 0.7]
    never = "55,000 images, one logit, other initial weights, RMSprop"
    assert rows.loc[true, "remark"] == f"no reproduction: {never}"
    own = "pac_bayes.epochs=60, not 1000; pac_bayes.delta=0.05, not 0.025"
    assert set(own.split("; ")) < set(
        rows.loc[random, "remark"].removeprefix("no reproduction: ").split("; ")
    )
    shown = readable(found.reset_index())
    assert shown.loc[shown["quantity"] == "pac_bayes_bound %", "published"].tolist() == [
        "16.10", "135.20",
    ]  # fmt: skip


def test_how_the_network_was_trained_counts_where_it_is_stated():
    run = bounded(0.2)
    run.config["schedule"] = {"name": "exponential", "gamma": 0.95}
    run.config["optimizer"]["nesterov"] = True  # which the source does not speak of
    (remark,) = board(run).xs("pac_bayes_bound", level="quantity")["remark"]
    assert "schedule=exponential, not constant" in remark
    assert "nesterov" not in remark


def test_another_network_has_no_published_bound():
    run = bounded(0.2)
    run.config["model"]["hidden"] = [1200]
    assert board(run).empty


@pytest.mark.parametrize("task", ["kernel", "pac_bayes"])
def test_published_settings_of_a_task_are_its_settings(task):
    settings = yaml.safe_load((config_folder() / f"task/{task}.yaml").read_text())[task]
    named = {
        key.removeprefix(f"{task}.")
        for number in published_numbers()
        for key in (*number.match, *number.setup)
        if key.startswith(f"{task}.")
    }
    assert named
    assert named <= set(settings)
