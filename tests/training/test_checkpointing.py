"""A training that is stopped anywhere goes on to the same bits, and repeats no step."""

import os
import signal
from pathlib import Path

import pandas
import pytest
import torch

from nullfit.results.result import read_result
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.tasks.train.task import train
from nullfit.training import measures
from nullfit.training.classifier import Classifier

# 200 samples in batches of 30: 7 steps an epoch, the last one smaller
RUN = ("trainer.max_epochs=4", "data.batch_size=30", "trainer.checkpoint_seconds=1e9")
VARIANTS = {
    "plain": [],
    "one cycle": ["schedule=one_cycle"],
    "noisy steps, warm-up": ["optimizer=noisy_sgd", "schedule.warmup_epochs=2",
                             "schedule.warmup_factor=0.1"],
    "fresh, dropout": ["corruption=random_labels", "corruption.fresh=true",
                              "model.dropout=0.5"],
    "batch norm, noise, augmentation": ["model=wide_resnet_10", "data.crop=4", "optimizer=adamw",
                                        "regularizer=[weight_noise,augmentation]"],
    "evaluated now and then": ["trainer.evaluate_every=3", "optimizer=adam"],
    "diverging": ["optimizer.lr=1e30"],
}  # fmt: skip


class Steps:
    """Counts training steps; sends this process a signal in the middle of one, or while measuring.

    A step of which no one hears the end does not count.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done = 0
        self.stop_in: int | None = None
        self.stop_measuring: int | None = None
        step, evaluate = Classifier.training_step, measures.evaluate_reaching

        def counted(module, batch, batch_idx):
            self.done += 1
            if self.done == self.stop_in:
                os.kill(os.getpid(), signal.SIGTERM)
            return step(module, batch, batch_idx)

        def measured(*given, **options):
            if self.done == self.stop_measuring:
                self.stop_measuring = None
                os.kill(os.getpid(), signal.SIGINT)
            return evaluate(*given, **options)

        monkeypatch.setattr(Classifier, "training_step", counted)
        monkeypatch.setattr("nullfit.training.evaluation.evaluate_reaching", measured)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    return Steps(monkeypatch)


def same(first: Path, second: Path) -> None:
    results = [read_result(folder) for folder in (first, second)]
    for result in results:
        del result["wall_seconds"], result["images_per_second"]
    assert results[0] == results[1]
    rows = [pandas.read_csv(f / "metrics.csv", dtype=str) for f in (first, second)]
    assert (
        rows[0]
        .drop(columns=["seconds", "epoch_seconds"])
        .equals(rows[1].drop(columns=["seconds", "epoch_seconds"]))
    )
    ends = [torch.load(f / "checkpoints/final.ckpt", weights_only=True) for f in (first, second)]
    for name, value in ends[0]["state_dict"].items():
        # as bytes: those of a run that diverged are not numbers
        assert value.numpy().tobytes() == ends[1]["state_dict"][name].numpy().tobytes()


@pytest.mark.parametrize("overrides", VARIANTS.values(), ids=VARIANTS)
def test_stopped_and_started_again_and_again(
    tiny_config, tmp_path: Path, steps: Steps, overrides: list[str]
) -> None:
    config = tiny_config(*RUN, *overrides)
    train(config, tmp_path / "whole")
    whole, steps.done = steps.done, 0
    for stop in (1, 3, 7, 8, 20, 28):
        steps.stop_in = stop
        if stop <= whole:
            with pytest.raises(Interrupted) as stopped, interruptible():
                train(config, tmp_path / "stopped")
            assert stopped.value.exit_code == 143
            assert stopped.value.saved
    train(config, tmp_path / "stopped")
    same(tmp_path / "whole", tmp_path / "stopped")
    assert steps.done == whole


@pytest.mark.parametrize("overrides", [[], ["schedule=one_cycle"]], ids=["epoch", "step"])
def test_stopped_while_it_measures(tiny_config, tmp_path: Path, steps: Steps, overrides) -> None:
    config = tiny_config(*RUN, *overrides)
    train(config, tmp_path / "whole")
    whole, steps.done = steps.done, 0
    for stop in (7, 14, whole):
        steps.stop_measuring = stop
        with pytest.raises(Interrupted) as stopped, interruptible():
            train(config, tmp_path / "stopped")
        assert (stopped.value.exit_code, stopped.value.saved) == (130, True)
    train(config, tmp_path / "stopped")
    same(tmp_path / "whole", tmp_path / "stopped")
    assert steps.done == whole


def test_checkpoints_within_an_epoch_bound_what_is_repeated(
    tiny_config, tmp_path: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_config(*RUN[:2], "trainer.checkpoint_seconds=0")
    train(config, tmp_path / "whole")
    whole, steps.done = steps.done, 0
    monkeypatch.setattr(os, "kill", _pull_the_plug)
    steps.stop_in = 5
    with pytest.raises(PulledError):
        train(config, tmp_path / "killed")
    train(config, tmp_path / "killed")
    same(tmp_path / "whole", tmp_path / "killed")
    assert steps.done == whole + 1


class PulledError(Exception):
    """Someone pulled the plug: no one saves anything."""


def _pull_the_plug(process: int, number: int) -> None:
    raise PulledError
