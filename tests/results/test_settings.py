"""Runs that differ in the seed only belong together, under names that tell them from the others."""

from pathlib import Path

import pytest

from nullfit.results.curves import curves_of
from nullfit.results.grouping import corruption_label
from nullfit.results.levels import level_series
from nullfit.results.settings import flat_settings, settings_of
from nullfit.results.study import Run
from nullfit.results.task_run import TaskRun


def a_run(model="mlp", corruption="none", seed=0, steps=10, test=0.9, lr=0.1, **more):
    strength = {k: v for k, v in more.items() if k in ("probability", "sigma")}
    epochs = more.get("max_epochs", 5)
    decay = more.get("decay")
    config = {
        "seed": seed, "task": {"name": "train"}, "model": {"name": model},
        "data": {"name": "digits"},
        "corruption": {"name": corruption, **strength}, "optimizer": {"name": "sgd", "lr": lr},
        "trainer": {"max_epochs": epochs},
        "regularizer": {"weight_decay": None if decay is None else {"coefficient": decay}},
        **({"start": more["start"]} if "start" in more else {}),
    }  # fmt: skip
    result = {
        "status": more.get("status", "completed"), "seed": seed, "model": {"name": model},
        "data": {"name": "digits", "classes": 10}, "corruption": {"name": corruption, **strength},
        "metrics": {"train/accuracy": 1.0, "test/accuracy": test},
        "fit": {"epochs_to_fit": steps and steps // 10, "steps_to_fit": steps},
    }  # fmt: skip
    return Run(Path("nowhere"), result, config)


def names(*runs):
    return [(s.network, s.label, len(s.runs)) for s in settings_of([*runs])]


def test_seeds_are_joined_and_true_labels_come_first():
    assert names(a_run(corruption="gaussian"), a_run(seed=0), a_run(seed=1)) == [
        ("mlp", "true labels", 2),
        ("mlp", "Gaussian", 1),
    ]


def test_levels_are_named_and_rise():
    noisy = {"corruption": "random_labels"}
    found = settings_of([*(a_run(**noisy, probability=p) for p in (1.0, 0.2, 0.6))])
    assert [s.label for s in found] == ["random labels 20 %", "random labels 60 %", "random labels"]


def test_a_network_is_called_by_what_sets_it_apart():
    assert [network for network, *_ in names(a_run(), a_run(decay=0.1), a_run(lr=0.5))] == [
        "mlp, lr=0.1",
        "mlp, lr=0.1, weight_decay",
        "mlp, lr=0.5",
    ]


def test_rates_of_different_models_are_not_told():
    assert [n for n, *_ in names(a_run(), a_run(model="lenet", lr=0.5))] == ["mlp", "lenet"]


def test_longer_training_on_corrupted_data_does_not_part_a_network():
    runs = a_run(), a_run(corruption="random_labels", probability=1.0, max_epochs=9)
    assert {network for network, *_ in names(*runs)} == {"mlp"}


def test_settings_that_would_share_a_name_are_parted_by_their_length():
    found = names(a_run(max_epochs=5), a_run(max_epochs=9))
    assert [network for network, *_ in found] == ["mlp, max_epochs=5", "mlp, max_epochs=9"]


def test_layers_put_back_part_a_network():
    starts = [{"run": "outputs/a/b", "rewind": rewind} for rewind in (None, {"head": 5})]
    found = names(*(a_run(start=start) for start in starts))
    assert found[0][0] == "mlp"
    assert [network.replace(" ", "") for network, *_ in found][1] == "mlp,rewind={head:5}"


def test_regularizers_are_flattened_to_their_names():
    flat = flat_settings(a_run(decay=0.1).config)
    assert flat["regularizer"] == "weight_decay"
    assert flat["regularizer.weight_decay.coefficient"] == 0.1
    assert flat_settings(a_run().config)["regularizer"] == "none"


def test_true_labels_and_probability_zero_are_both_level_zero():
    noisy = {"corruption": "random_labels"}
    runs = [
        a_run(steps=10),
        a_run(**noisy, probability=0.0, steps=30),
        a_run(**noisy, probability=0.5, steps=40, test=0.5),
        a_run(**noisy, probability=0.5, steps=None, test=0.3, seed=1),
        a_run(**noisy, probability=1.0, steps=None, test=0.1),
    ]
    (series,) = level_series(settings_of([*runs]))
    assert [level.level for level in series.levels] == [0, 0.5, 1]
    assert series.reference == 20
    half, whole = series.levels[1:]
    assert (half.steps_to_fit.mean, half.steps_to_fit.n, half.runs) == (40, 1, 2)
    assert (half.test_error.low, half.test_error.high) == pytest.approx((0.5, 0.7))
    assert whole.steps_to_fit is None


def test_two_levels_are_no_series():
    runs = a_run(), a_run(corruption="random_labels", probability=1.0)
    assert level_series(settings_of([*runs])) == []


def with_curve(folder, run, losses):
    folder.mkdir()
    rows = [f"{epoch},{7 * epoch},{loss}" for epoch, loss in enumerate(losses, start=1)]
    (folder / "metrics.csv").write_text("\n".join(["epoch,step,train/running_loss", *rows]) + "\n")
    return Run(folder, run.result, run.config)


def test_a_run_that_stopped_counts_with_its_last_value_and_a_diverged_one_does_not(tmp_path):
    runs = [
        with_curve(tmp_path / "long", a_run(seed=0), [4.0, 2.0, 1.0]),
        with_curve(tmp_path / "short", a_run(seed=1), [3.0]),
        with_curve(tmp_path / "lost", a_run(seed=2, status="diverged"), [5.0, "nan"]),
    ]
    (curves,) = curves_of(settings_of([*runs]))
    band = curves.bands["train/running_loss"]
    assert curves.steps_per_epoch == 7
    assert band.mean.tolist() == [3.5, 2.5, 2]
    assert (band.low.tolist(), band.high.tolist()) == ([3, 2, 1], [4, 3, 3])


def test_a_setting_of_which_every_run_diverged_has_no_curve(tmp_path):
    run = with_curve(tmp_path / "lost", a_run(status="diverged"), [5.0, "nan"])
    assert curves_of(settings_of([run])) == []


def test_diverged_runs_are_at_no_level():
    noisy = {"corruption": "random_labels", "test": 0.5}
    runs = [a_run(**noisy, probability=p) for p in (0.0, 0.5, 1.0)]
    lost = a_run(**noisy | {"test": 0.1}, probability=1.0, seed=1, status="diverged")
    (series,) = level_series(settings_of([*runs, lost]))
    last = series.levels[-1]
    assert (last.runs, last.steps_to_fit.n, last.test_error.n) == (2, 1, 1)
    assert last.test_error.mean == 0.5


def test_data_sets_are_told_apart_by_their_samples_not_by_their_treatment():
    runs = [a_run(), a_run(model="lenet"), a_run(model="alexnet")]
    runs[1].config["data"] = {"name": "digits", "train_limit": 200, "whitening": "none"}
    runs[2].config["data"] = {"name": "digits", "train_limit": 200, "whitening": "per_image"}
    assert {s.network: s.data for s in settings_of([*runs])} == {
        "mlp": "digits", "lenet": "digits", "alexnet": "digits",
    }  # fmt: skip
    runs[0].config["data"] = {"name": "digits", "train_limit": 100}
    found = {s.network: s.data for s in settings_of([*runs])}
    assert found["mlp"] == "digits, train_limit=100"
    assert found["lenet"] == found["alexnet"] == "digits, train_limit=200"


def test_long_curves_are_thinned_and_keep_their_ends(tmp_path):
    run = with_curve(tmp_path / "run", a_run(), [1 / n for n in range(1, 2001)])
    band = curves_of(settings_of([run]))[0].bands["train/running_loss"]
    assert len(band.epochs) == 150
    assert (band.epochs[0], band.epochs[-1]) == (1, 2000)
    assert band.mean[-1] == pytest.approx(1 / 2000)


@pytest.mark.parametrize(
    ("corruption", "settings", "label"),
    [
        ("none", {}, "true labels"),
        ("random_labels", {"probability": 1.0}, "random labels"),
        ("random_labels", {"probability": 0.4}, "random labels 40 %"),
        ("random_labels", {"probability": 0.0}, "true labels (0 % random labels)"),
        ("shuffled_entries", {"fraction": 0.0, "entries_changed": 0.0},
         "true entries (0 % shuffled entries)"),
        ("none", {"entries_changed": 0.0}, "true entries"),
        ("random_labels", {"probability": 0.4, "always_change": True},
         "random labels 40 %, always change"),
        ("random_labels", {"probability": 1.0, "always_change": False}, "random labels"),
        ("labels_from_file", {"path": "a.npz", "key": "worse_label"},
         "labels from a file, worse_label"),
        ("gaussian_noise", {"sigma": 0.1}, "added noise, σ = 0.1"),
        ("shuffled_patches", {"patch": 4}, "shuffled patches, patch = 4"),
        ("my_own", {"width": 2, "deep": True}, "my own, width = 2"),
    ],
)  # fmt: skip
def test_a_corruption_has_one_name_in_words(corruption, settings, label):
    result = {"corruption": {"name": corruption, "labels_changed": 0.5, **settings}}
    assert corruption_label(TaskRun(Path("nowhere"), result, {})) == label
