"""The probe in trainings: what it leaves behind, and that nothing else is changed by it."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch

from nullfit.errors import UserError
from nullfit.probes.gradients.probe import Gradients
from nullfit.probes.gradients.stored import StoredCoherence
from nullfit.results.metrics_file import read_metrics
from nullfit.results.result import read_arrays, read_result
from nullfit.runs.probes import probes_of
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.tasks.train.task import train
from nullfit.training.checkpoint_format import read_checkpoint
from nullfit.training.fitting import fit
from tests.fused.comparison import together, training
from tests.pinned import draw_nothing

RUN = (
    *("corruption=random_labels", "corruption.probability=0.5", "data.batch_size=30"),
    *("trainer.max_epochs=4", "model=mlp", "model.hidden=[16,16]"),
)
PROBE = ("probe=gradients", "probe.samples=80")
NETWORKS = {
    "dropout": ("model.dropout=0.3", "regularizer=weight_noise"),
    "batch norm": ("model=wide_resnet_10", "trainer.max_epochs=2", "data.train_limit=40"),
    "frozen": ("freeze=[hidden]",),
    "augmentation": ("regularizer=augmentation",),
}
COLUMN = "gradients/coherence"


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that do not look at figures."""
    draw_nothing(monkeypatch)


def of(folder: Path) -> StoredCoherence:
    found = StoredCoherence.of_arrays(read_arrays(folder))
    assert found is not None
    return found


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("words", NETWORKS.values(), ids=NETWORKS)
def test_a_training_is_the_same_bit_for_bit(tiny_config, tmp_path: Path, words) -> None:
    model = () if words[0].startswith("model=") else RUN[-2:]
    base = (*RUN[:-2], *model, *words)
    for name, more in (("plain", ()), ("probed", PROBE)):
        train(tiny_config(*base, *more), tmp_path / name)
    states = [
        read_checkpoint(tmp_path / name / "checkpoints" / "final.ckpt")["state_dict"]
        for name in ("plain", "probed")
    ]
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
    plain, probed = (
        pandas.read_csv(tmp_path / name / "metrics.csv").drop(columns=["seconds", "epoch_seconds"])
        for name in ("plain", "probed")
    )
    assert probed[list(plain)].equals(plain)
    assert set(probed) - set(plain) == {COLUMN, f"{COLUMN}_untouched", f"{COLUMN}_corrupted"}


def test_a_run_leaves_its_coherence_in_all_its_files(tiny_config, tmp_path: Path) -> None:
    train(tiny_config(*RUN, *PROBE), tmp_path)
    found, stored = read_result(tmp_path)["gradients"], of(tmp_path)
    assert found["layers"] == ["hidden.1", "hidden.4", "head"]
    assert found["parameters"] == [64 * 16 + 16, 16 * 17, 170]
    assert found["samples"]["all"] == 80
    assert found["samples"]["untouched"] + found["samples"]["corrupted"] == 80
    assert stored.epochs.tolist() == [0, 1, 2, 3, 4]
    assert stored.coherence.shape == (5, 4, 3)
    rows = pandas.read_csv(tmp_path / "metrics.csv")
    for place, suffix in enumerate(("", "_untouched", "_corrupted")):
        assert rows[COLUMN + suffix].to_numpy() == pytest.approx(stored.coherence[1:, -1, place])
    assert found["coherence"]["all"] == stored.coherence[-1, -1, 0]
    assert (tmp_path / "gradients.png").stat().st_size > 10_000


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("file", "row"), [("epoch_0.ckpt", 0), ("final.ckpt", -1)])
def test_rows_are_of_the_network_before_training_and_after(
    tiny_config, tmp_path: Path, file: str, row: int
) -> None:
    """From its checkpoints, by a pass for each sample."""
    config = tiny_config(*RUN, *PROBE, "trainer.keep_epochs=[0]")
    train(config, tmp_path)
    made = training(config)
    state = read_checkpoint(tmp_path / "checkpoints" / file)["state_dict"]
    made.network.load_state_dict(state)
    (probe,) = probes_of(config)
    assert isinstance(probe, Gradients)
    part = probe.subset(made.data.train)
    apart = []
    for image, label in zip(part.images, part.labels, strict=True):
        made.network.zero_grad()
        loss = torch.nn.functional.cross_entropy(made.network.eval()(image[None]), label[None])
        loss.backward()
        apart.append(torch.cat([p.grad.flatten() for p in made.network.parameters()]).double())
    g = torch.stack(apart)
    for place, chosen in enumerate((part.labels >= 0, ~part.label_changed, part.label_changed)):
        expected = g[chosen].mean(0).square().sum() / g[chosen].square().sum(1).mean()
        assert of(tmp_path).coherence[row, -1, place] == pytest.approx(float(expected), rel=1e-4)


def test_without_corrupted_labels_there_is_one_column(tiny_config, tmp_path: Path) -> None:
    train(tiny_config(*RUN, *PROBE, "corruption.probability=0.0"), tmp_path)
    assert [key for key in read_metrics(tmp_path)[0] if key.startswith("gradients")] == [COLUMN]
    assert read_result(tmp_path)["gradients"]["coherence"]["corrupted"] is None


def test_fused_runs_measure_what_each_measures_alone(tiny_config) -> None:
    exact = (*RUN, *PROBE, "trainer.precision=64-true")
    configs = [tiny_config(*exact, own) for own in ("seed=0", "seed=1", "optimizer.lr=0.03")]

    def probed(config):
        return replace(training(config), probes=probes_of(config))

    for config, ended in zip(configs, together(configs, make=probed), strict=True):
        alone = probed(config)
        outcome = fit(alone)
        own, found = (t.probes[0].finish(t.data).arrays for t in (alone, ended.training))
        for name, values in own.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-6, err_msg=name)
        for row, expected in zip(ended.outcome.rows, outcome.rows, strict=True):
            assert row[COLUMN] == pytest.approx(expected[COLUMN], rel=1e-6)


@pytest.mark.usefixtures("undrawn")
def test_an_interrupted_run_measures_the_same(tiny_config, tmp_path: Path, monkeypatch) -> None:
    config = tiny_config(*RUN, *PROBE, "trainer.checkpoint_seconds=1e9")
    train(config, tmp_path / "whole")
    measure, done = Gradients.measure, 0

    def stopped(probe, epoch, network, split):
        nonlocal done
        done += 1
        if done in (2, 4):  # within the measurement
            os.kill(os.getpid(), signal.SIGTERM)
        return measure(probe, epoch, network, split)

    monkeypatch.setattr(Gradients, "measure", stopped)
    for _ in range(2):
        with pytest.raises(Interrupted), interruptible():
            train(config, tmp_path / "stopped")
    train(config, tmp_path / "stopped")
    whole, found = (read_arrays(tmp_path / name) for name in ("whole", "stopped"))
    assert all(np.array_equal(found[name], whole[name], equal_nan=True) for name in whole)
    rows = [
        [{k: v for k, v in row.items() if "seconds" not in k} for row in read_metrics(tmp_path / n)]
        for n in ("whole", "stopped")
    ]
    assert rows[0] == rows[1]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("words", "epochs"),
    [(("probe.every=3",), [0, 3]), (("probe.samples=null",), [0, 1, 2, 3, 4])],
)
def test_which_epochs_and_samples(tiny_config, tmp_path: Path, words, epochs) -> None:
    train(tiny_config(*RUN, *PROBE, *words), tmp_path)
    assert of(tmp_path).epochs.tolist() == epochs
    counts = read_result(tmp_path)["gradients"]["samples"]
    assert counts["all"] == (200 if "probe.samples=null" in words else 80)


def test_epochs_that_diverged_are_not_measured(tiny_config, tmp_path: Path) -> None:
    train(tiny_config(*RUN, *PROBE, "optimizer.lr=1e30"), tmp_path)
    assert read_result(tmp_path)["status"] == "diverged"
    assert of(tmp_path).epochs.tolist() == [0]


def test_fresh_labels_are_refused(tiny_config) -> None:
    told = r"probe=gradients is impossible with corruption.fresh=true"
    with pytest.raises(UserError, match=told):
        probes_of(tiny_config(*RUN, *PROBE, "corruption.fresh=true"))


@pytest.mark.parametrize("word", ["probe.samples=0", "probe.every=0", "probe.samples=few"])
def test_wrong_settings_are_refused(tiny_config, word: str) -> None:
    with pytest.raises(UserError, match=f"{word} is not allowed"):
        tiny_config(*RUN, *PROBE, word)
