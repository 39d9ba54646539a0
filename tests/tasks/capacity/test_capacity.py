"""``task=capacity``: how many samples with random labels a network fits."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from nullfit import assembly
from nullfit.console.progress import Progress
from nullfit.errors import UserError
from nullfit.results.task_run import TaskRun
from nullfit.tasks.capacity import task
from nullfit.tasks.capacity.account import ending
from nullfit.tasks.capacity.draws import Draws
from nullfit.tasks.capacity.steps import StepFiles
from nullfit.tasks.capacity.task import CapacitySettings, capacity

TASK = ("task=capacity", "model=mlp", "model.hidden=[]", "optimizer.lr=0.1")
LINEAR = (*TASK, "data=gaussian", "data.dimensions=4", "data.train_limit=null")
SIGNS = {"classes": 2, "draws": 11, "starts": 1, "accuracy": 1.0, "tolerance": 0.05}
SETTINGS = CapacitySettings(**SIGNS, patience=100)
FEW = SETTINGS.model_copy(update={"draws": 3})


@pytest.fixture
def run(tiny_config, tmp_path):
    def of(*overrides, settings=SETTINGS, outputs="outputs"):
        config = tiny_config(*LINEAR, "trainer.max_epochs=600", *overrides)
        folder = tmp_path / outputs / config.study / config.job
        return TaskRun(folder, capacity(config, folder, capacity=settings), config.plain())

    return of


def is_separable(inputs, labels):
    """Whether some plane has each class on a side of its own, by linear programming."""
    sides = (2 * labels - 1)[:, None] * np.column_stack([inputs, np.ones(len(inputs))])
    found = linprog(np.zeros(5), A_ub=-sides, b_ub=-np.ones(len(sides)), bounds=(None, None))
    return found.status == 0


def test_a_linear_classifier_fits_what_is_separable_about_twice_its_weights(
    run, tiny_config
) -> None:
    found = run().result["capacity"]
    # Cover (1965): of 2 (d + 1) points in general position half of the dichotomies are separable.
    # With 11 draws in place of all of them half is reached between these, but for 1 time in 1,000.
    assert 6 <= found["samples"] <= 14
    assert (found["depth"], found["width"], found["parameters"]) == (0, 0, 10)
    images = assembly.randomized_data(tiny_config(*LINEAR)).train.images.flatten(1).numpy()
    draws = Draws(len(images), 2, seed=0)
    for step in found["steps"]:
        number = step["samples"]
        separable = [
            is_separable(images[draws.samples(draw, number)], draws.labels(draw, number).numpy())
            for draw in range(11)
        ]
        fitted = [epochs is not None for epochs in step["epochs_to_fit"]]
        assert all(possible for possible, done in zip(separable, fitted, strict=True) if done)
        if step["fitted"] * 2 < 11:  # else it ended before all were
            assert sum(separable) - sum(fitted) <= 1
        assert [a == 1 for a in step["accuracies"]] == fitted


def test_what_a_larger_network_fits_is_more_and_told_in_bits(run) -> None:
    settings = FEW.model_copy(update={"classes": 4, "tolerance": 1.0})
    result = run("model.hidden=[8]", "trainer.max_epochs=200", settings=settings).result
    found, metrics = result["capacity"], result["metrics"]
    assert found["parameters"] == 4 * 8 + 8 + 8 * 4 + 4
    assert (found["depth"], found["width"]) == (1, 8)
    assert found["samples"] > 14
    assert metrics["capacity/samples"] == found["samples"]
    assert metrics["capacity/bits_per_parameter"] == pytest.approx(found["samples"] * 2 / 76)
    assert result["corruption"]["labels_changed"] is None


def test_all_samples_fitted_is_a_bound(run, capsys) -> None:
    result = run("model.hidden=[32]", "data.train_limit=20", settings=FEW).result
    assert result["capacity"]["censored"]
    assert (result["capacity"]["samples"], result["capacity"]["failed"]) == (20, None)
    assert "at least 20 samples with random signs are fitted" in capsys.readouterr().out


def test_classes_are_those_of_the_data_unless_given(tiny_config, tmp_path) -> None:
    config = tiny_config(*TASK, "data.train_limit=20")
    settings = FEW.model_copy(update={"classes": None})
    result = capacity(config, tmp_path / "outputs/default/job", capacity=settings)
    assert result["capacity"]["classes"] == 10
    assert result["data"]["input_shape"] == [1, 8, 8]


def test_an_interrupted_search_goes_on_to_the_same_end(run, tmp_path, monkeypatch, capsys) -> None:
    whole = run(outputs="whole", settings=FEW).result
    kept = StepFiles.write

    def pull_the_plug(files, step) -> None:
        if files.count == 2:
            raise KeyboardInterrupt
        kept(files, step)

    with monkeypatch.context() as patch:
        patch.setattr(StepFiles, "write", pull_the_plug)
        with pytest.raises(KeyboardInterrupt):
            run(outputs="cut", settings=FEW)
    files = sorted((tmp_path / "cut").rglob("steps/*.json"))
    assert len(files) == 2
    before = [file.stat().st_mtime_ns for file in files]
    capsys.readouterr()
    again = run(outputs="cut", settings=FEW).result
    assert "2 numbers of samples were tried before" in capsys.readouterr().out
    assert [file.stat().st_mtime_ns for file in files] == before
    without_time = [
        [{**step, "seconds": 0} for step in result["capacity"]["steps"]]
        for result in (whole, again)
    ]
    assert without_time[0] == without_time[1]
    assert again["capacity"]["samples"] == whole["capacity"]["samples"]


def test_a_damaged_file_is_refused_by_name(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(task, "complete", lambda *_: {})
    run("trainer.max_epochs=20", settings=FEW)
    file = next(tmp_path.rglob("steps/*.json"))
    file.write_text("{}")
    with pytest.raises(UserError, match=rf"{file.name} is damaged .*\nDelete it"):
        run("trainer.max_epochs=20", settings=FEW)


def fitting(config, settings):
    data = assembly.randomized_data(config)
    return task._fitting(config, settings, data, 2, torch.device("cpu"))


def test_a_draw_is_fitted_alone_as_in_company(tiny_config) -> None:
    config = tiny_config(*LINEAR, "model.hidden=[4]", "trainer.max_epochs=200")
    train = fitting(config, SETTINGS.model_copy(update={"starts": 2}))
    with Progress("", 1.0, shown=False) as progress:
        together = train.step(20, range(4), progress)
        alone = [train.step(20, [draw], progress) for draw in range(4)]
    assert together.fits
    for draw, step in enumerate(alone):
        if together.epochs_to_fit[draw] is not None:
            assert step.epochs_to_fit == [together.epochs_to_fit[draw]]
            assert step.accuracies == [1.0]
        else:  # it ended before this one was fitted
            assert step.epochs_to_fit[0] is None or step.epochs_to_fit[0] >= together.epochs


def test_more_starts_fit_whatever_fewer_fit(tiny_config) -> None:
    config = tiny_config(*LINEAR, "model.hidden=[2]", "trainer.max_epochs=200")
    with Progress("", 1.0, shown=False) as progress:
        one, five = (
            fitting(config, SETTINGS.model_copy(update={"starts": starts})).step(12, [0], progress)
            for starts in (1, 5)
        )
    assert five.accuracies[0] >= one.accuracies[0]


def test_networks_whose_loss_stands_still_give_up(tiny_config) -> None:
    config = tiny_config(*LINEAR, "trainer.max_epochs=5000")
    with Progress("", 1.0, shown=False) as progress:
        step = fitting(config, SETTINGS).step(100, range(3), progress)
    assert step.fitted == 0
    assert 100 <= step.epochs < 1000
    assert 0.5 <= min(step.accuracies) <= max(step.accuracies) < 1


def test_less_than_all_labels_may_count_as_fitted(tiny_config) -> None:
    config = tiny_config(*LINEAR, "trainer.max_epochs=200")
    most = fitting(config, SETTINGS)
    with Progress("", 1.0, shown=False) as progress:
        strict, lenient = (
            replace(most, accuracy=accuracy).step(15, range(5), progress) for accuracy in (1.0, 0.6)
        )
    assert lenient.fits
    assert not strict.fits


def test_networks_that_were_still_learning_are_told(run) -> None:
    result = run("optimizer.lr=0.001", "trainer.max_epochs=20", settings=FEW).result
    assert "still learning after 20 epochs" in ending("job", result)
    assert json.loads(json.dumps(result["capacity"]))["steps"][-1]["most_epochs"] == 20


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (
            ["corruption=random_labels"],
            "no effect on task=capacity: its labels are drawn at random",
        ),
        (["regularizer=random_crop"], "regularizer=random_crop has no place in task=capacity"),
        (["trainer.stop_at_train_accuracy=0.9"], "stop_at_train_accuracy has no place"),
    ],
)
def test_what_has_no_place_is_refused_before_anything_is_written(
    run, tmp_path, overrides, words
) -> None:
    with pytest.raises(UserError, match=words):
        run(*overrides)
    assert not (tmp_path / "outputs").exists()
