"""What a task refuses at its start is known before, in the same words."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nullfit.config.components import target_of, typed_settings
from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.schema import RunConfig
from nullfit.config.validation import validate
from nullfit.errors import UserError
from nullfit.runs.preflight.grid import check_grid

LENET = {"name": "lenet", "_target_": "nullfit.models.LeNet", "dropout": 0.0}
RESNET = {
    "name": "torchvision",
    "_target_": "nullfit.models.TorchvisionClassifier",
    "architecture": "resnet18",
    "dropout": 0.5,
}
PATCHES = {
    "name": "shuffled_patches",
    "_target_": "nullfit.corruptions.shuffled_patches",
    "patch": 3,
}
LABELS = {
    "name": "random_labels",
    "_target_": "nullfit.corruptions.random_labels",
    "probability": 1.0,
    "apply_to": "train",
}
CLEANLAB = {
    "name": "loss_mixture",
    "_target_": "nullfit.probes.loss_mixture.probe.LossMixture",
    "mixture": "beta",
    "losses": "mean",
    "cleanlab": True,
    "folds": 500,
}
TABLE = ("task=permutation_test", "data=table", "data.path=points.csv", "data.target=y")

# A task's settings, what is changed in them, and what is told. All else is possible.
Case = tuple[tuple[str, ...], dict[str, Any], str]
REFUSED: dict[str, Case] = {
    "network": ((), {"model": LENET}, "model lenet needs images of at least 16×16 pixels"),
    "dropout": ((), {"model": RESNET}, "model.dropout=0.5 is impossible"),
    "batch": ((), {"data.batch_size": 300}, "data.batch_size=300 is larger than"),
    "processes": ((), {"trainer.devices": 101}, "more than 200 training samples can be shared by"),
    "crop": ((), {"data.crop": 9}, "data.crop=9 does not fit into images of 8×8"),
    "random crop": ((), {"regularizer.random_crop": {"padding": 0}}, "random_crop has no room"),
    "train limit": ((), {"data.train_limit": 5000}, "data.train_limit=5000 is not possible"),
    "one class": ((), {"data.train_limit": 1}, "are of one class"),
    "validation": ((), {"data.val_fraction": 0.001}, "data.val_fraction=0.001 of 200 samples"),
    "patch": ((), {"corruption": PATCHES}, "corruption.patch=3 does not divide images of 8×8"),
    "folds": ((), {"probe": CLEANLAB}, "probe.folds=500 is above the 200 training samples"),
    "data": (("data=mnist", "data.root=nowhere"), {}, "nowhere"),
    "ratings": (("data=ratings",), {}, "data=ratings is a matrix of ratings"),
    "random signs": (("task=rademacher",), {"corruption": LABELS}, "no effect on task=rademacher"),
    "network for signs": (("task=rademacher",), {"model": LENET}, "model lenet needs"),
    "precision": (("task=kernel",), {"trainer.precision": "bf16-mixed"}, "is not allowed"),
    "features": (
        ("task=kernel",),
        {"kernel.features": "random_conv", "kernel.patch": 9},
        "random_conv with patch=9",
    ),
    "dimensions": (
        ("task=implicit_regularization", "implicit_regularization.features=raw"),
        {"data.train_limit": 64},
        "64 training samples have 64 features",
    ),
    "construction": (("task=expressivity",), {"data.crop": 9}, "data.crop=9 does not fit"),
    "network of a summary": (("task=summary",), {"model": LENET}, "model lenet needs"),
    "no checkpoint": (("task=evaluate",), {}, "task=evaluate needs checkpoint"),
    "checkpoint": (
        ("task=evaluate",),
        {"checkpoint": "x.ckpt"},
        "checkpoint=x.ckpt does not exist",
    ),
    "classes left out": ((), {"data.binary": [[0], [1]]}, "data.binary leaves out 2, 3, 4"),
    "no run to bound": (("task=pac_bayes",), {}, "needs pac_bayes.run=…"),
    "no trained run": (("task=prediction_depth",), {}, "needs prediction_depth.run=…"),
    "no run to seek around": (("task=critical_samples",), {}, "needs critical_samples.run=…"),
    "share": (
        ("task=factorization",),
        {"factorization.train_share": 1e-9},
        "leaves no entry to train on",
    ),
    "no ratings": (("task=factorization", "data=digits"), {}, "needs a matrix of ratings"),
    "tested network": (("task=permutation_test",), {"model": LENET}, "model lenet needs"),
    "tested patch": (
        ("task=permutation_test", "model=mlp_1x512"),
        {"permutation_test.patch": 9},
        "permutation_test.patch=9 is larger than the images (8×8)",
    ),
    "kind of test": (
        ("task=permutation_test",),
        {"permutation_test.kind": "nonlinearity"},
        "needs a target of numbers",
    ),
    "tested table": (TABLE, {"data.train_limit": 90}, "data.train_limit=90 is above the 60 rows"),
    "classes in a table": (
        TABLE,
        {"permutation_test.kind": "nonlinearity"},
        "data.target=y must be a number",
    ),
    "crop of a table": (TABLE, {"data.crop": 2}, "data.crop=2 has no effect"),
    "stop": (
        ("task=permutation_test",),
        {"trainer.precision": "64-true"},
        "trainer.precision=64-true has no place in task=permutation_test",
    ),
    "network on subsets": (("task=memorization",), {"model": LENET}, "model lenet needs"),
    "share of subsets": (
        ("task=memorization",),
        {"memorization.share": 0.001},
        "memorization.share=0.001 of 200 samples leaves nobody",
    ),
    "published scores": (
        ("task=memorization",),
        {"memorization.compare": "no.npy"},
        "memorization.compare=no.npy: there is no such file",
    ),
    "crops of subsets": (
        ("task=memorization",),
        {"regularizer.random_crop": {"padding": 1}},
        "regularizer=random_crop has no place in task=memorization",
    ),
    "labels of capacity": (
        ("task=capacity",),
        {"corruption": LABELS},
        "no effect on task=capacity",
    ),
    "network of capacity": (("task=capacity",), {"model": LENET}, "model lenet needs"),
    "calibration": (
        ("task=permutation_calibration",),
        {"trainer.accelerator": "gpu"},
        "trainer.accelerator=gpu is impossible",
    ),
}


@pytest.fixture(scope="module")
def bases() -> dict[tuple[str, ...], dict[str, Any]]:
    return {}


@pytest.fixture
def changed(bases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function from overrides, composed once, and changed values to a configuration."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "points.csv").write_text("x,y\n" + "0,a\n1,b\n2,a\n" * 20)

    def change(overrides: tuple[str, ...], values: Mapping[str, Any]) -> RunConfig:
        if overrides not in bases:
            quiet = ("logger=csv", "trainer.progress=false", "trainer.max_epochs=1")
            with composer():
                bases[overrides] = validate(compose_run([*overrides, *quiet])).plain()
        plain = copy.deepcopy(bases[overrides])
        if overrides in ((), ("task=memorization",)):
            plain["data"]["train_limit"] = 200
        for key, value in values.items():
            *sections, last = key.split(".")
            place = plain
            for section in sections:
                place = place[section]
            place[last] = value
        return RunConfig.model_validate(plain)

    return change


@pytest.mark.parametrize("name", REFUSED)
def test_a_job_that_its_task_refuses_is_refused_before(name, changed, tmp_path: Path) -> None:
    overrides, values, words = REFUSED[name]
    config = changed(overrides, values)
    task = target_of(config, "task")
    with pytest.raises(UserError) as at_start:
        task(config, tmp_path / "run", **typed_settings(task, config.task_settings))
    assert words in str(at_start.value)
    with pytest.raises(UserError) as before:
        check_grid({("seed=0",): config, ("seed=1",): config}, elsewhere=False)
    assert " ".join(str(at_start.value).split()) in str(before.value)
    assert not (tmp_path / "run").exists()


POSSIBLE = (
    *((), ("task=rademacher",), ("task=kernel",), ("task=implicit_regularization",)),
    *(("task=expressivity",), ("task=factorization",), ("task=permutation_calibration",)),
    *(
        ("task=permutation_test", "model=mlp_1x512"),
        TABLE,
        ("task=summary",),
        ("task=table",),
        ("task=memorization",),
        ("task=capacity",),
    ),
)


@pytest.mark.parametrize("overrides", POSSIBLE, ids=" ".join)
def test_what_is_possible_is_not_refused(overrides, changed, tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    check_grid({("seed=0",): changed(overrides, {})}, elsewhere=False)
    assert {path.name for path in tmp_path.iterdir()} == before
