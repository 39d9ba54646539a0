"""``task=pac_bayes`` as a user runs it."""

import json
import math
import shutil
import signal
from pathlib import Path

import numpy as np
import pandas
import pytest

from nullfit.config.components import typed_settings
from nullfit.config.identity import config_hash
from nullfit.errors import UserError
from nullfit.results.result import read_result
from nullfit.results.study import read_config
from nullfit.runs.preflight.look import Look
from nullfit.system.interruption import Interrupted
from nullfit.tasks.pac_bayes import fitting
from nullfit.tasks.pac_bayes.bound import Priors, complexity, monte_carlo_bound, upper_inverse_kl
from nullfit.tasks.pac_bayes.posterior import Posterior
from nullfit.tasks.pac_bayes.task import pac_bayes, refuse_beforehand
from tests import trainings
from tests.commands import run_command

TRAINED = (
    *("data.batch_size=20", "data.binary=[[0,1,2,3,4],[5,6,7,8,9]]"),
    *("trainer.max_epochs=15", "logger=csv"),
)
MLP = ("model=mlp", "model.hidden=[16]")
SHORT = ("pac_bayes.epochs=30", "pac_bayes.samples=400", "pac_bayes.batch_size=50")
NOISE = "corruption=random_labels"


def settings_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """The settings of a training, of a small MLP unless another network is chosen."""
    chosen = any(word.startswith("model=") for word in words)
    return (*TRAINED, *(() if chosen else MLP), *words)


@pytest.fixture
def trained(tiny_config):
    """The folder of a finished training."""

    def of(*words: str) -> Path:
        config = tiny_config(*settings_of(words))
        folder = Path(config.outputs) / config.study / config.job
        return trainings.trained(config, folder)

    return of


@pytest.fixture
def bounded(tiny_config):
    """Bounds the error of a run with these settings: its folder, result and arrays."""

    def of(run: Path, *words: str) -> tuple[Path, dict, dict]:
        own = (f"pac_bayes.run={run}", *SHORT)
        config = tiny_config("task=pac_bayes", *own, *settings_of(words))
        folder = Path(config.outputs) / config.study / config.job
        settings = typed_settings(pac_bayes, config.task_settings)
        refuse_beforehand(config, Look(elsewhere=False), **settings)
        result = pac_bayes(config, folder, **settings)
        return folder, result, dict(np.load(folder / "arrays.npz"))

    return of


@pytest.fixture
def refused(tiny_config):
    """Says why a bound is refused, with nothing written; before a grid as at the start."""

    def of(*words: str, only_at_start: bool = False) -> str:
        config = tiny_config("task=pac_bayes", *settings_of(words))
        folder = Path(config.outputs) / config.study / config.job
        settings = typed_settings(pac_bayes, config.task_settings)
        with pytest.raises(UserError) as at_start:
            pac_bayes(config, folder, **settings)
        if not only_at_start:
            with pytest.raises(UserError) as before:
                refuse_beforehand(config, Look(elsewhere=False), **settings)
            assert str(before.value) == str(at_start.value)
        assert not folder.exists()
        assert len(str(at_start.value).splitlines()) <= 2
        return str(at_start.value)

    return of


def test_the_bound_follows_from_what_was_drawn(trained, bounded, capsys) -> None:
    run = trained()
    folder, result, arrays = bounded(run)
    assert read_result(folder) == result
    section, trained_as = result["pac_bayes"], read_result(run)
    assert section["run"] == str(run)
    for name in ("train/accuracy", "test/accuracy"):
        assert result["metrics"][name] == trained_as["metrics"][name]
    for split, name in (("train", "empirical"), ("test", "test")):
        errors = arrays[f"{split}_errors"].astype(np.float64)
        assert errors.shape == (400,)
        assert section[f"{name}_error"] == errors.mean()
        assert section[f"{name}_standard_error"] == pytest.approx(errors.std(ddof=1) / 20)
    above = monte_carlo_bound(section["empirical_error"], 400, 0.01)
    assert section["empirical_error_bound"] == above > section["empirical_error"]
    priors = Priors(0.1, 100.0)
    assert section["prior_variance"] == priors.variance(section["prior"])
    b = complexity(section["kl"], 200, 0.025, priors.cost(section["prior"]))
    assert section["complexity"] == b
    assert section["inverse_kl_bound"] == upper_inverse_kl(above, b)
    assert section["pinsker_bound"] == above + math.sqrt(b / 2)
    assert section["confidence"] == pytest.approx(0.965)
    assert section["bound"] == result["metrics"]["pac_bayes_bound"]
    assert section["bound"] > section["bound_of_mean_error"] > section["empirical_error"]
    assert arrays["kl_by_epoch"].shape == (30,)
    told = capsys.readouterr().out
    assert f"at most {100 * above:.1f}% by 400 draws" in told


def test_what_is_minimized_falls(trained, bounded) -> None:
    words = ("pac_bayes.learning_rate=0.01", "pac_bayes.epochs=100", "pac_bayes.samples=5")
    _, _, arrays = bounded(trained(), *words)
    minimized = arrays["surrogate_by_epoch"] + arrays["penalty_by_epoch"]
    assert minimized[-10:].mean() < 0.9 * minimized[:10].mean()


def test_random_labels_have_a_larger_one_that_says_nothing(trained, bounded) -> None:
    true = bounded(trained())[1]["pac_bayes"]
    noise = (NOISE, "trainer.max_epochs=40", "optimizer.lr=0.1")  # until most are memorized
    random = bounded(trained(*noise), *noise)[1]["pac_bayes"]
    assert random["kl"] > 1.5 * true["kl"]
    assert not random["says_something"]
    assert random["bound"] == random["pinsker_bound"] > 1
    assert random["chance"] < 0.5


def test_a_start_that_is_near_has_no_divergence_to_speak_of(trained, bounded) -> None:
    """A network that has not learnt anything is bounded by little more than its error."""
    few = ("trainer.max_epochs=1", "optimizer.lr=1e-9")
    section = bounded(trained(*few), *few, "pac_bayes.learning_rate=1e-9")[1]["pac_bayes"]
    assert section["kl"] < 0.1
    assert section["complexity"] == pytest.approx(0.08, abs=0.03)


@pytest.mark.parametrize(
    "words",
    [
        ("data.binary=null", "model.hidden=[8]"),
        (
            *("data.binary=null", "model=inception_no_bn", "trainer.max_epochs=1"),
            *("data.train_limit=40", "data.test_limit=20"),
        ),
        ("regularizer=random_crop", "regularizer.random_crop.padding=1", "data.crop=8"),
        ("regularizer=dropout",),
    ],
    ids=["ten classes", "convolutions", "crops", "dropout"],
)
def test_other_networks_and_data(tiny_config, trained, bounded, words) -> None:
    few = ("trainer.max_epochs=2", *words)
    _, result, arrays = bounded(trained(*few), *few, "pac_bayes.epochs=1", "pac_bayes.samples=5")
    section = result["pac_bayes"]
    assert 0 < section["empirical_error"] < 1
    assert section["kl"] > 0
    assert np.isfinite(arrays["surrogate_by_epoch"]).all()


def test_it_is_not_done_twice_and_follows_the_weights(trained, bounded, capsys) -> None:
    run = trained()
    folder, first, _ = bounded(run)
    capsys.readouterr()
    assert bounded(run)[1] == first
    assert "finished before" in capsys.readouterr().out
    moved = run.parent / "elsewhere"
    run.rename(moved)
    assert bounded(moved)[0] == folder  # wherever the run lies
    assert config_hash(read_config(folder)) != first["config_hash"]  # which is not there any more


@pytest.mark.parametrize("part", ["fit", "draws"])
def test_an_interrupted_one_goes_on_and_ends_the_same(
    trained, bounded, monkeypatch, capsys, part: str
) -> None:
    run = trained()
    words = ("trainer.checkpoint_seconds=1e9",)  # no part of what is computed
    folder, whole, arrays = bounded(run, *words)
    assert not (folder / "checkpoints").exists()
    shutil.rmtree(folder)
    place, at, calls = (fitting._Fit, "step", []) if part == "fit" else (Posterior, "draw", [])
    before, count = getattr(place, at), 50 if part == "fit" else 4 * 30 + 50

    def pull_the_plug(*given):
        calls.append(given)
        if len(calls) > count:
            raise Interrupted(signal.SIGTERM)
        return before(*given)

    with monkeypatch.context() as patch:
        patch.setattr(place, at, pull_the_plug)
        with pytest.raises(Interrupted) as interrupted:
            bounded(run, *words)
    assert interrupted.value.saved
    assert read_result(folder) is None
    capsys.readouterr()
    again, result, after = bounded(run, *words)
    assert again == folder
    done = 50 if part == "fit" else 120
    assert f"going on after {done} of 120 steps" in capsys.readouterr().out
    assert result["pac_bayes"] == whole["pac_bayes"]
    assert arrays.keys() == after.keys()
    assert all(np.array_equal(arrays[name], after[name]) for name in arrays)
    assert not (folder / "checkpoints").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "task=pac_bayes needs pac_bayes.run=…: the folder of a finished training"),
        (("pac_bayes.run=nowhere",), "nowhere"),
        (("corruption=random_labels", "corruption.fresh=true"), "corruption.fresh=true"),
        (("data.leave_out=some.csv",), "data.leave_out: its bound is of samples that nobody"),
        (("data.whitening=per_channel",), "data.whitening=per_channel, whose inputs are scaled"),
        (("pac_bayes.delta=0.6", "pac_bayes.monte_carlo_delta=0.4"), "leave no confidence"),
    ],
)
def test_what_is_no_bound_is_refused(refused, words, told: str) -> None:
    assert told in refused(*words)


def test_settings_of_another_run_are_refused(trained, refused) -> None:
    run = trained()
    assert "takes corruption from its run" in refused(f"pac_bayes.run={run}", NOISE)


def test_a_run_with_weights_of_another_is_refused(trained, refused) -> None:
    run = trained(f"start.run={trained()}", "seed=1")
    told = refused(f"pac_bayes.run={run}", "seed=1")
    assert "began with weights of another one" in told


def test_other_initial_weights_are_refused(trained, refused) -> None:
    run = trained()
    metrics = pandas.read_csv(run / "metrics.csv")
    metrics["weights/distance_from_start"] *= 1.01
    metrics.to_csv(run / "metrics.csv", index=False)
    told = refused(f"pac_bayes.run={run}", only_at_start=True)
    assert "the run began with others" in told


def test_batch_norm_is_refused(trained, refused) -> None:
    words = ("model=wide_resnet_10", "trainer.max_epochs=1")
    run = trained(*words)
    told = refused(f"pac_bayes.run={run}", *words, only_at_start=True)
    assert "running_mean comes from the training samples" in told


def test_from_the_command_line_to_the_report(tmp_path: Path) -> None:
    done = run_command(
        *TRAINED, *MLP, "data.train_limit=200", "data.test_limit=100", "study=first", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "outputs" / "first").glob("mlp-*")
    done = run_command(
        "task=pac_bayes", f"pac_bayes.run={run}", *SHORT, "logger=csv", "study=first", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    (folder,) = run.parent.glob("pac_bayes-mlp-digits-none-*")
    assert json.loads((folder / "result.json").read_text())["pac_bayes"]["kl"] > 0
    done = run_command("task=report", "study=first", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    figures = {path.name for path in (run.parent / "report/figures").glob("*.svg")}
    assert {"bounds.svg", "pac_bayes.svg"} <= figures
    assert "What bounds say" in (run.parent / "report/index.html").read_text()
