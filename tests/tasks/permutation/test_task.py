"""``task=permutation_test`` from configuration to files."""

import json

import numpy as np
import pytest

from nullfit.config.components import typed_settings
from nullfit.errors import UserError
from nullfit.results.result import read_arrays, read_result, write_arrays, write_result
from nullfit.results.task_run import TaskRun
from nullfit.tasks.permutation.account import say_beginning
from nullfit.tasks.permutation.figures import maps, null_distributions
from nullfit.tasks.permutation.findings import Findings
from nullfit.tasks.permutation.guidance import too_few_replicates
from nullfit.tasks.permutation.section import sections
from nullfit.tasks.permutation.settings import PermutationTestSettings
from nullfit.tasks.permutation.task import permutation_test
from tests.report.by_hand import material

SMALL = (
    "task=permutation_test", "logger=csv", "trainer.progress=false", "data.test_limit=100",
    "data.train_limit=100", "model=mlp", "model.hidden=[4]", "trainer.max_epochs=1",
    "permutation_test.replicates=2", "permutation_test.patch=4",
)  # fmt: skip
MAPS = ("statistic", "p_value", "p_holm", "p_bh")


@pytest.fixture
def run(make_config, tmp_path):
    """A function that runs the small test with changes; returns folder and result."""

    def start(*overrides):
        config = make_config(*SMALL, *overrides)
        folder = tmp_path / "run"
        given = typed_settings(permutation_test, config.task_settings)
        return folder, permutation_test(config, folder, **given)

    return start


def test_arrays_have_the_shape_of_the_inputs(run, capsys):
    folder, result = run()
    arrays = dict(np.load(folder / "arrays.npz"))
    assert "p_max_t" not in arrays  # of the default null it does not hold
    for name in MAPS:
        assert arrays[name].shape == (1, 8, 8)
        assert (arrays[name][0, :4, :4] == arrays[name][0, 0, 0]).all()
    assert arrays["null_statistic"].shape == (2, 1, 8, 8)
    assert arrays["p_value"].min() >= 1 / 3
    test = result["permutation_test"]
    assert (test["replicates"], test["trainings"], test["features"]) == (2, 9, 4)
    assert set(test["significant"]) == {"raw", "holm", "bh"}
    assert {"train/accuracy", "test/accuracy", "test_clean/accuracy"} <= set(result["metrics"])
    assert json.loads((folder / "result.json").read_text())["permutation_test"] == test
    assert not (folder / "checkpoints").exists()
    said = capsys.readouterr().out
    assert "2 replicates for each of 4 features, up to 9 trainings" in said
    assert "permutation_test.null=labels" not in said
    run()
    assert "finished before, nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("null", "features", "hinted"),
    [("conditional", 784, True), ("conditional", 64, False), ("labels", 784, False)],
)
def test_a_test_of_very_many_trainings_names_the_cheap_one(null, features, hinted, capsys):
    settings = PermutationTestSettings(
        statistic="share", null=null, kind="relevance", replicates=100, samples=None, patch=1,
        max_group=None,
    )  # fmt: skip
    say_beginning("job", settings, 60_000, features, 6)
    said = capsys.readouterr().out
    assert ("permutation_test.null=labels takes 101 trainings and tests the global" in said) == (
        hinted
    )


def test_the_observed_network_is_that_of_a_training(run, make_config, tmp_path):
    """Same seed, same initial weights, same batches: the metrics of ``task=train``."""
    from nullfit.tasks.train.task import train

    _, result = run("corruption=random_labels", "optimizer.lr=0.1", "schedule=cosine")
    same = [word for word in SMALL if "permutation" not in word]
    config = make_config(
        *same, "corruption=random_labels", "optimizer.lr=0.1", "schedule=cosine",
        "data.batch_size=64", "data.whitening=none",
    )  # fmt: skip
    alone = train(config, tmp_path / "train")
    measured = {k: v for k, v in alone["metrics"].items() if not k.startswith("weights/")}
    for name, value in measured.items():
        assert result["metrics"][name] == pytest.approx(value, abs=1e-5), name
    assert result["corruption"]["labels_changed"] > 0.5


def test_labels_with_squared_carries_its_warning(run, capsys):
    _, result = run(
        *("permutation_test.statistic=squared", "permutation_test.null=labels"),
        "permutation_test.replicates=19",
    )
    (known, *_) = result["permutation_test"]["warnings"]
    assert "not that this input matters" in known
    assert known in capsys.readouterr().out
    assert result["permutation_test"]["trainings"] == 20


def test_few_replicates_are_told_of():
    assert too_few_replicates(99, 5, "conditional") is None
    assert "permutation_test.replicates=1279" in too_few_replicates(99, 64, "conditional")
    # Benjamini and Hochberg: 13 p-values of 1/100 are at most 13 · 0.05/64, 12 are not.
    assert "can where 13 features have that" in too_few_replicates(99, 64, "feature")
    assert "Max-T does not have this limit" in too_few_replicates(99, 64, "labels")
    assert "Max-T" not in too_few_replicates(99, 64, "feature")
    assert "Fewer than 19 find nothing" in too_few_replicates(2, 4, "labels")


def test_the_defaults_are_those_of_the_published_setting(make_config):
    config = make_config("task=permutation_test", "data=mnist")
    assert (config.model.name, config.trainer.max_epochs) == ("cnn_15x15", 6)
    assert config.optimizer.settings == {"lr": 0.001, "momentum": 0.9, "nesterov": False}
    assert (config.data.batch_size, config.data.whitening) == (64, "none")
    assert config.task_settings["permutation_test"]["replicates"] == 100
    own = make_config("task=permutation_test", "model=lenet", "optimizer.lr=0.5", "data=mnist")
    assert (own.model.name, own.optimizer.settings["lr"]) == ("lenet", 0.5)


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["permutation_test.patch=9"], "permutation_test.patch=9 is larger than the images"),
        (["regularizer=augmentation"], "regularizer=augmentation has no place"),
        (["regularizer=weight_noise"], "regularizer=weight_noise has no place"),
        (["corruption=gaussian", "corruption.fresh=true"], "corruption.fresh=true has no place"),
        (["trainer.precision=64-true"], "trainer.precision=64-true has no place"),
        (["trainer.compile=default"], "trainer.compile=default has no place"),
        (["permutation_test.kind=nonlinearity"], "needs a target of numbers"),
    ],
)
def test_what_does_not_suit_is_refused_before_anything_is_written(run, tmp_path, overrides, told):
    with pytest.raises(UserError) as caught:
        run(*overrides)
    assert told in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_the_default_network_says_what_to_do_about_small_images(make_config, tmp_path):
    config = make_config("task=permutation_test")
    given = typed_settings(permutation_test, config.task_settings)
    with pytest.raises(UserError, match=r"15×15 pixels, these are 8×8×1\.\nChoose another"):
        permutation_test(config, tmp_path / "run", **given)
    assert not (tmp_path / "run").exists()


def test_figures_and_section(run):
    folder, result = run("permutation_test.patch=2", "permutation_test.null=labels")
    found = Findings.of_arrays(dict(np.load(folder / "arrays.npz")), "labels")
    assert found.is_image
    assert found.names[:2] == ("patch (0, 0)", "patch (0, 2)")
    assert found.null_statistic.shape == (2, 16)
    chosen = found.spread(3)
    assert found.statistic[chosen[0]] == found.statistic.max()
    assert found.statistic[chosen[-1]] == found.statistic.min()
    assert [panel.title for panel in maps(found, "share", "").panels] == [
        "share of the squared derivatives", "p", "p, Benjamini–Hochberg", "p, max-T",
    ]  # fmt: skip
    for panel in null_distributions(found, chosen, "share", "").panels:
        assert panel.chart.layer[0].data["replicates"].sum() == 2
    (made,) = sections(material([TaskRun(folder, result, {})]))
    assert [(figure.stem, figure.title) for figure in made.figures] == [
        ("maps_run", "maps"), ("nulls_run", "nulls"),
    ]  # fmt: skip
    assert "Data: digits, true labels; MLP. Null: labels, 2 rep" in made.figures[0].figure.note
    assert made.table.iloc[0]["features"] == "16"
    assert made.warnings


def test_max_t_of_an_earlier_version_is_not_shown(run):
    """What it left of features permuted alone stays in its file and is not told again."""
    folder, result = run("permutation_test.patch=2", "permutation_test.null=feature")
    arrays = dict(np.load(folder / "arrays.npz"))
    write_arrays(folder, **arrays, p_max_t=arrays["p_value"])
    test = {**result["permutation_test"], "warnings": ["Few. Max-T does not have this limit."]}
    test["significant"] = {**test["significant"], "max_t": 9}
    write_result(folder, {**result, "permutation_test": test})
    stored = read_result(folder)
    (made,) = sections(material([TaskRun(folder, stored, {})]))
    assert "max-T" not in made.table
    assert made.warnings == ["share against feature: Few."]
    titles = [panel.title for panel in made.figures[0].figure.panels]
    assert titles[1:] == ["p", "p, Benjamini–Hochberg", "p, Holm"]
    assert "p_max_t" not in Findings.of_arrays(read_arrays(folder), "feature").p
