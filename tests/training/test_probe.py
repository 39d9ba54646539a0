"""Probes hear each step of a training once, alone, fused and after an interruption."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from nullfit.errors import UserError
from nullfit.results.findings import Findings
from nullfit.runs.probes import probes_of
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.tasks.train.task import train
from nullfit.training.classifier import Classifier
from nullfit.training.fitting import fit
from nullfit.training.probe import Probe
from tests.fused.comparison import together, training

# 200 samples in batches of 30: 7 steps an epoch, the last one smaller
RUN = ("trainer.max_epochs=3", "data.batch_size=30", "trainer.precision=64-true")


class Steps(Probe):
    """Writes down all that it hears."""

    name = "listener"

    def __init__(self) -> None:
        self.samples = 0
        self.steps: list[tuple[torch.Tensor, ...]] = []
        self.networks: list[int] = []

    def start(self, samples: int) -> None:
        self.samples = samples

    def on_step(self, indices, logits, labels) -> None:
        assert not logits.requires_grad
        self.steps.append((indices.clone(), logits.clone(), labels.clone()))

    def after_network(self, epoch: int, network: nn.Module) -> None:
        assert next(network.parameters()).dtype == torch.float64
        self.networks.append(epoch)

    def state_dict(self):
        return {"steps": list(self.steps), "networks": list(self.networks)}

    def load_state_dict(self, state) -> None:
        self.steps, self.networks = state["steps"], state["networks"]

    def finish(self, data) -> Findings:
        return Findings({})


class Losses(Steps):
    """Hears losses as well."""

    name = "losses"

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[int] = []

    def after_epoch(self, epoch, losses) -> None:
        self.epochs.append(epoch)


def heard(config, make=training) -> Steps:
    probe = Steps()
    fit(replace(make(config), probes=[probe]))
    return probe


def assert_alike(found: Steps, expected: Steps, **tolerance: float) -> None:
    assert len(found.steps) == len(expected.steps)
    assert found.networks == expected.networks
    for (indices, logits, labels), (own, own_logits, own_labels) in zip(
        found.steps, expected.steps, strict=True
    ):
        assert torch.equal(indices, own)
        assert torch.equal(labels, own_labels)
        torch.testing.assert_close(logits, own_logits, equal_nan=True, **tolerance)


def test_a_step_is_what_the_network_said_before_it(tiny_config) -> None:
    made = training(tiny_config(*RUN, "corruption=random_labels"))
    images, labels = made.data.train.images.double(), made.data.train.labels
    before = made.network.double()(images).detach().clone()
    probe = Steps()
    fit(replace(made, probes=[probe]))
    assert probe.samples == 200
    assert probe.networks == [1, 2, 3]
    assert [len(indices) for indices, _, _ in probe.steps] == [*[30] * 6, 20] * 3
    for epoch in range(3):
        indices = torch.cat([step[0] for step in probe.steps[7 * epoch : 7 * epoch + 7]])
        assert indices.sort().values.tolist() == list(range(200))
    for indices, _, own in probe.steps:
        assert torch.equal(own, labels[indices])
    indices, logits, _ = probe.steps[0]
    torch.testing.assert_close(logits, before[indices])


def test_only_a_probe_that_hears_losses_has_the_training_set_evaluated(
    tiny_config, monkeypatch
) -> None:
    monkeypatch.setattr("nullfit.training.training.cheap_to_evaluate", lambda *_: False)
    config = tiny_config(*RUN, "trainer.fit_threshold=1.0")
    for probe, evaluated in ((Steps(), 1), (Losses(), 3)):
        outcome = fit(replace(training(config), probes=[probe]))
        assert sum("train/accuracy" in row for row in outcome.rows) == evaluated
    assert probe.epochs == [1, 2, 3]


VARIANTS = {
    "batches of their own": [[], ["seed=1"], ["optimizer.lr=0.02"]],
    "from loaders": [["regularizer=augmentation"], ["regularizer=augmentation", "seed=1"]],
    "convolutions in two orders": [
        ["model=wide_resnet_10", "data.train_limit=40", "trainer.max_epochs=1", own]
        for own in ("seed=0", "optimizer.lr=0.02", "seed=1")
    ],
    "one that diverges": [
        ["data.train_limit=40", "data.batch_size=1", f"optimizer.lr={rate}"]
        for rate in ("1e200", "0.01")
    ],
}


@pytest.mark.parametrize("members", VARIANTS.values(), ids=VARIANTS)
def test_fused_members_are_heard_as_each_alone(tiny_config, members) -> None:
    configs = [tiny_config(*RUN, *own) for own in members]
    ended = together(configs, make=lambda c: replace(training(c), probes=[Steps()]))
    for config, one in zip(configs, ended, strict=True):
        assert_alike(one.training.probes[0], heard(config), rtol=1e-7, atol=1e-9)


def test_a_resumed_run_hears_each_step_once(tiny_config, tmp_path: Path, monkeypatch) -> None:
    config = tiny_config(*RUN, "trainer.checkpoint_seconds=1e9")
    made: list[Steps] = []
    monkeypatch.setattr(
        "nullfit.runs.training.probes_of", lambda config: [made.append(Steps()) or made[-1]]
    )
    step, done = Classifier.training_step, 0

    def stopped(module, batch, batch_idx):
        nonlocal done
        done += 1
        if done in (3, 7, 12):
            os.kill(os.getpid(), signal.SIGTERM)
        return step(module, batch, batch_idx)

    train(config, tmp_path / "whole")
    whole = made[-1]
    monkeypatch.setattr(Classifier, "training_step", stopped)
    for _ in range(3):
        with pytest.raises(Interrupted), interruptible():
            train(config, tmp_path / "stopped")
    train(config, tmp_path / "stopped")
    assert_alike(made[-1], whole, rtol=0, atol=0)


def test_a_checkpoint_of_a_run_with_one_probe_of_0_1_0_is_read(tiny_config) -> None:
    record = replace(training(tiny_config(*RUN)), probes=[Losses()]).record()
    state = {"epochs": 2, "probe": {"steps": [], "networks": [1, 2]}}
    record.load_state_dict(state)
    assert record.probes[0].networks == [1, 2]
    assert record.epochs == 2


def test_several_processes_are_refused_to_a_probe_that_hears_steps(
    tiny_config, monkeypatch
) -> None:
    monkeypatch.setattr("nullfit.runs.probes.target_of", lambda *_: lambda config: Steps())
    monkeypatch.setattr("nullfit.runs.probes.typed_settings", lambda *_: {})
    config = tiny_config("probe=loss_mixture", "trainer.devices=2")
    with pytest.raises(UserError, match=r"probe=loss_mixture is impossible with trainer.devices=2"):
        probes_of(config)
