"""The probe in trainings: what it leaves behind, alone, fused and after an interruption."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest

from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.probes.dynamics.statistics import SCORES
from nullfit.results.result import read_arrays, read_result
from nullfit.runs.probes import probes_of
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.tasks.train.task import train
from nullfit.training.classifier import Classifier
from nullfit.training.fitting import fit
from tests.fused.comparison import together, training

RUN = (
    *("probe=dynamics", "probe.el2n_epoch=2", "corruption=random_labels"),
    *("corruption.probability=0.5", "data.batch_size=30", "trainer.max_epochs=4"),
)


def probed(config: RunConfig):
    return replace(training(config), probes=probes_of(config))


def test_a_run_leaves_scores_in_all_its_files(tiny_config, tmp_path: Path) -> None:
    train(tiny_config(*RUN, "optimizer.lr=0.05", "data.val_fraction=0.1"), tmp_path)
    found, arrays = read_result(tmp_path)["dynamics"], read_arrays(tmp_path)
    assert (found["epochs"], found["el2n_epoch"]) == (4, 2)
    assert list(found["area_under_curve"]) == list(SCORES)
    for name in ("first_learnt", "aum", "confidence", "correctness", "el2n"):
        assert found["area_under_curve"][name] > 0.6, name
    assert found["never_learnt"] == np.isinf(arrays["forgetting"]).mean()
    samples = pandas.read_csv(tmp_path / "samples.csv")
    assert len(samples) == 180
    assert samples["index"].is_unique
    assert samples["index"].max() > 180  # places among the 1,437 of the source
    assert samples["corrupted"].tolist() == (samples.label != samples.true_label).tolist()
    assert samples["corrupted"].tolist() == arrays["dynamics_label_changed"].tolist()
    for name in SCORES:
        assert np.allclose(samples[name], arrays[name], rtol=1e-4), name
    assert (tmp_path / "dynamics.svg").exists()


def test_correctness_is_the_running_accuracy(tiny_config, tmp_path: Path) -> None:
    train(tiny_config(*RUN), tmp_path)
    rows = pandas.read_csv(tmp_path / "metrics.csv")
    correct = read_arrays(tmp_path)["correctness"].mean()
    assert correct == pytest.approx(rows["train/running_accuracy"].mean())


def test_without_corrupted_labels_there_is_no_area(tiny_config, tmp_path: Path) -> None:
    train(tiny_config(*RUN, "corruption.probability=0.0"), tmp_path)
    found = json.loads((tmp_path / "result.json").read_text())["dynamics"]
    assert found["area_under_curve"] == dict.fromkeys(SCORES)


def test_a_run_that_diverges_at_once_says_so(tiny_config, tmp_path: Path) -> None:
    train(tiny_config(*RUN, "optimizer.lr=1e30"), tmp_path)
    found = read_result(tmp_path)["dynamics"]
    assert found["why"] == "the run diverged before each sample was seen"
    assert found["area_under_curve"] == dict.fromkeys(SCORES)
    assert not (tmp_path / "samples.csv").exists()


def test_fused_runs_have_the_scores_of_each_alone(tiny_config) -> None:
    exact = (*RUN, "trainer.precision=64-true")
    configs = [tiny_config(*exact, own) for own in ("seed=0", "seed=1", "optimizer.lr=0.03")]
    for config, ended in zip(configs, together(configs, make=probed), strict=True):
        alone = probed(config)
        fit(alone)
        own, found = (t.probes[0].finish(t.data).arrays for t in (alone, ended.training))
        for name in SCORES:
            np.testing.assert_allclose(found[name], own[name], rtol=1e-5, err_msg=name)


def test_an_interrupted_run_has_the_same_scores(tiny_config, tmp_path: Path, monkeypatch) -> None:
    config = tiny_config(*RUN, "trainer.checkpoint_seconds=1e9")
    train(config, tmp_path / "whole")
    step, done = Classifier.training_step, 0

    def stopped(module, batch, batch_idx):
        nonlocal done
        done += 1
        if done in (5, 14):
            os.kill(os.getpid(), signal.SIGTERM)
        return step(module, batch, batch_idx)

    monkeypatch.setattr(Classifier, "training_step", stopped)
    for _ in range(2):
        with pytest.raises(Interrupted), interruptible():
            train(config, tmp_path / "stopped")
    train(config, tmp_path / "stopped")
    whole, found = (read_arrays(tmp_path / name) for name in ("whole", "stopped"))
    assert all(np.array_equal(found[name], whole[name]) for name in SCORES)


def test_the_training_set_is_not_evaluated_for_it(tiny_config, monkeypatch) -> None:
    monkeypatch.setattr("nullfit.training.training.cheap_to_evaluate", lambda *_: False)
    config = tiny_config(*RUN, "trainer.fit_threshold=1.0")
    assert sum("train/accuracy" in row for row in fit(probed(config)).rows) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["corruption.fresh=true"], "corruption.fresh=true: a sample would have another label"),
        (["trainer.devices=2"], "trainer.devices=2 × trainer.nodes=1"),
    ],
)
def test_what_it_cannot_do_with_is_refused(tiny_config, words, told) -> None:
    with pytest.raises(UserError, match=r"probe=dynamics is impossible with ") as error:
        probes_of(tiny_config(*RUN, *words))
    assert told in str(error.value)


@pytest.mark.parametrize("value", ["0", "early", "null"])
def test_a_wrong_epoch_is_refused(tiny_config, value: str) -> None:
    with pytest.raises(UserError, match=f"probe.el2n_epoch={value} is not allowed"):
        tiny_config("probe=dynamics", f"probe.el2n_epoch={value}")
