"""task=kernel, from configuration to result."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge

from nullfit import assembly
from nullfit.config.components import typed_settings
from nullfit.errors import UserError
from nullfit.results.result import read_arrays
from nullfit.tasks.kernel.task import kernel

SMALL = ("task=kernel", "data.train_limit=300", "data.test_limit=200")


@pytest.fixture
def run(tiny_config, tmp_path: Path):
    def start(*overrides: str):
        config = tiny_config(*SMALL, *overrides)
        folder = tmp_path / config.job
        return kernel(config, folder, **typed_settings(kernel, config.task_settings)), folder

    return start


def test_true_labels(run, capsys):
    result, folder = run("kernel.gamma=0.2")
    metrics = result["metrics"]
    assert metrics["train/error"] == 0
    assert metrics["test/error"] == metrics["test_clean/error"] < 0.1
    assert result["data"]["train_samples"] == 300
    assert result["kernel"]["form"] == "held"
    assert result["kernel"]["estimated_bytes"] > 300**2 / 2 * 4
    assert json.loads((folder / "result.json").read_text()) == result
    arrays = read_arrays(folder)
    assert arrays["confusion_matrix"].sum() == 200
    wrong = 1 - arrays["confusion_matrix"].trace() / 200
    assert wrong == pytest.approx(metrics["test/error"])
    assert len(arrays["train_predictions"]) == 300
    told = capsys.readouterr().out
    assert "gaussian γ=0.2 on 64 raw features, 300 equations" in told
    assert "GiB of memory" in told
    assert " thread" in told


def test_the_test_error_is_that_of_scikit_learn(run, tiny_config):
    result, _ = run("kernel.gamma=0.2", "kernel.ridge=0.1")
    dataset = assembly.load_dataset(tiny_config(*SMALL))
    x, z = (s.unit_images().flatten(1).double().numpy() for s in (dataset.train, dataset.test))
    one_hot = np.eye(10)[dataset.train.labels.numpy()]
    model = KernelRidge(alpha=0.1, kernel="rbf", gamma=0.2).fit(x, one_hot)
    predicted = model.predict(z).argmax(1)
    assert result["metrics"]["test/error"] == np.mean(predicted != dataset.test.labels.numpy())


def test_random_labels_are_fitted_and_nothing_is_learnt(run):
    true, _ = run()
    result, _ = run("corruption=random_labels")
    metrics = result["metrics"]
    assert metrics["train/error"] == 0
    assert metrics["test/error"] > 0.8
    assert metrics["train/error_true_labels"] == pytest.approx(
        result["corruption"]["labels_changed"]
    )
    assert metrics["solution_norm"] > 2.5 * true["metrics"]["solution_norm"]


def test_corrupted_images_have_a_clean_test_set_beside(run):
    result, folder = run("corruption=shuffled_pixels", "data.val_fraction=0.2")
    plain, _ = run("data.val_fraction=0.2")
    # One permutation for all images leaves distances, and so everything, as it was.
    for name in ("test/error", "val/error"):
        assert result["metrics"][name] == plain["metrics"][name]
    assert result["metrics"]["test_clean/error"] > 0.5
    assert {"test_clean_predictions", "val_predictions"} <= read_arrays(folder).keys()


def test_further_test_sets_are_predicted_for(run):
    corrupted, _ = run("corruption=random_pixels", "corruption.apply_to=test")
    result, folder = run("data.test_corruptions=[random_pixels]")
    assert result["metrics"]["test_random_pixels/error"] == corrupted["metrics"]["test/error"]
    assert result["metrics"]["test/error"] == corrupted["metrics"]["test_clean/error"]
    assert "test_random_pixels_predictions" in read_arrays(folder)


def test_pixels_are_not_whitened_unless_asked(tiny_config):
    assert tiny_config("task=kernel").data.whitening == "none"
    assert tiny_config("task=kernel", "data.whitening=per_image").data.whitening == "per_image"
    assert tiny_config("task=kernel", "data=cifar10").data.crop == 28


def test_the_job_is_named_by_data_and_corruption(tiny_config):
    job = tiny_config("task=kernel", "corruption=random_labels").job
    assert job.startswith("kernel-digits-random_labels_probability1.0-seed0-")


def test_the_same_command_again_does_nothing(run, capsys):
    first, _ = run()
    capsys.readouterr()
    assert run()[0] == first
    assert "finished before, nothing to do" in capsys.readouterr().out
    other, _ = run("kernel.ridge=0.5")
    assert other["config_hash"] != first["config_hash"]


def test_a_linear_kernel_says_that_it_is_no_interpolant(run, capsys):
    result, _ = run("kernel.name=linear")
    assert result["kernel"]["rank"] < 64
    assert "too little for an interpolant" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("regularizer=weight_decay", r"regularizer=weight_decay has no effect.*kernel\.ridge"),
        ("corruption.fresh=true", "corruption.fresh=true has no effect on task=kernel"),
        ("trainer.precision=bf16-mixed", "precision=bf16-mixed is not allowed.*32-true or 64-true"),
        ("kernel.gamma=1e-9", "singular or indefinite"),
        ("kernel.features=random_conv kernel.patch=9", "patch=9 and pool=2 does not fit"),
    ],
)
def test_what_is_refused(run, override, message):
    with pytest.raises(UserError, match=message):
        run(*override.split())


def test_too_little_memory_is_told_before_anything_is_written(run, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "nullfit.tasks.kernel.refusals.available_memory", lambda device: 100 * 2**20
    )
    with pytest.raises(UserError, match=r"300 training samples .* 0\.1 GiB are free\.\n"):
        run()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_error_peaks_at_as_many_waves_as_samples(run):
    found = {}
    for count in (100, 300, 3_000):
        result, _ = run("kernel.features=random_fourier", f"kernel.count={count}")
        about = result["kernel"]
        assert (about["form"], about["count"], about["dimensions"]) == ("orthogonal", count, count)
        assert about["rank"] == min(count, 300)
        found[count] = result["metrics"]
    assert found[300]["test/error"] > 2 * max(found[100]["test/error"], found[3_000]["test/error"])
    norms = {count: metrics["solution_norm"] for count, metrics in found.items()}
    assert norms[300] > 5 * max(norms[100], norms[3_000])
    # Many waves come near the kernel itself.
    exact, _ = run()
    assert found[3_000]["test/error"] == pytest.approx(exact["metrics"]["test/error"], abs=0.03)
    assert norms[3_000] == pytest.approx(exact["metrics"]["solution_norm"], rel=0.2)
    assert about["gamma"] == exact["kernel"]["gamma"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["kernel.count=9", "kernel.name=linear"], "kernel.name=linear has none"),
        ([], "needs kernel.count"),
        (["kernel.features=raw", "kernel.count=9"], "kernel.features=raw has none"),
    ],
)
def test_waves_of_what_has_none_are_refused(run, words, told):
    with pytest.raises(UserError, match=told):
        run("kernel.features=random_fourier", *words)
