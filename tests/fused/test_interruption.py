"""A group that is stopped anywhere goes on, in company or alone, as if nothing had happened."""

import os
import signal
from pathlib import Path

import pandas
import pytest
import torch

from nullfit.config.composer import composer
from nullfit.config.plan import compose_grid
from nullfit.config.validation import validate
from nullfit.fused import launch as launching
from nullfit.fused.group import Group
from nullfit.fused.launch import Job, JobCallbacks, launch
from nullfit.results.result import read_arrays
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.tasks.train.task import train

GRID = [
    *("logger=csv", "trainer.progress=false", "data.train_limit=200", "data.test_limit=100"),
    *("trainer.max_epochs=4", "data.batch_size=30", "trainer.checkpoint_seconds=1e9"),
    *("corruption=random_labels", "model.dropout=0.3", "regularizer=weight_noise"),
    "trainer.record_confusion=true",
]


def jobs_of(outputs: Path, seeds: str = "seed=0,1") -> list[Job]:
    with composer():
        plan = compose_grid([*GRID, seeds, f"outputs={outputs}"], multirun=True)
        return [Job(n, config, validate(config)) for n, config in enumerate(plan.configs)]


def fuse(jobs: list[Job]) -> None:
    def failed(job: Job, error: Exception) -> None:
        raise error

    launch(
        jobs,
        JobCallbacks(lambda job: train(job.config, job.folder), lambda job: None, failed),
        None,
    )


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch):
    """Counts steps of groups; at one of them this process gets a signal."""

    class Steps:
        done = 0
        stop_in = 0

    step = Group._step

    def counted(group, parts, sums):
        Steps.done += 1
        if Steps.done == Steps.stop_in:
            os.kill(os.getpid(), signal.SIGTERM)
        step(group, parts, sums)

    monkeypatch.setattr(Group, "_step", counted)
    return Steps


def assert_alike(first: list[Job], second: list[Job], *, to_the_bit: bool) -> None:
    tolerance = {"rtol": 0, "atol": 0} if to_the_bit else {"rtol": 1e-3, "atol": 1e-5}
    for one, other in zip(first, second, strict=True):
        ends = [torch.load(job.folder / "checkpoints/final.ckpt") for job in (one, other)]
        for name, value in ends[0]["state_dict"].items():
            torch.testing.assert_close(value, ends[1]["state_dict"][name], **tolerance)
        rows = [pandas.read_csv(job.folder / "metrics.csv") for job in (one, other)]
        rows = [table.drop(columns=["seconds", "epoch_seconds"]) for table in rows]
        pandas.testing.assert_frame_equal(*rows, rtol=tolerance["rtol"], atol=tolerance["atol"])
        arrays = [read_arrays(job.folder) for job in (one, other)]
        assert arrays[0]["confusion_epochs"].tolist() == [1, 2, 3, 4]
        assert all((arrays[1][name] == array).all() for name, array in arrays[0].items())


def test_a_group_goes_on_to_the_same_bits_and_repeats_no_step(tmp_path: Path, steps) -> None:
    whole, stopped = jobs_of(tmp_path / "whole"), jobs_of(tmp_path / "stopped")
    fuse(whole)
    counted, steps.done = steps.done, 0
    assert counted == 4 * 7
    for stop in (3, 7, 12):
        steps.stop_in = stop
        with pytest.raises(Interrupted) as caught, interruptible():
            fuse(stopped)
        assert caught.value.saved
    fuse(stopped)
    assert_alike(whole, stopped, to_the_bit=True)
    assert steps.done == counted
    assert not [path for job in stopped for path in job.folder.glob(".*")]


def test_a_group_is_saved_though_the_signal_comes_between_two_epochs(tmp_path: Path, monkeypatch):
    looked = []

    def watch(members) -> None:
        looked.append(members)
        if len(looked) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(launching, "follow", lambda progress, trainings: watch)
    jobs = jobs_of(tmp_path)
    with pytest.raises(Interrupted) as caught, interruptible():
        fuse(jobs)
    assert caught.value.saved
    assert all((job.folder / "checkpoints/last.ckpt").exists() for job in jobs)


def test_what_a_group_began_each_can_finish_alone(tmp_path: Path, steps) -> None:
    whole, stopped = jobs_of(tmp_path / "whole"), jobs_of(tmp_path / "stopped")
    for job in whole:
        train(job.config, job.folder)
    steps.stop_in = 10
    with pytest.raises(Interrupted), interruptible():
        fuse(stopped)
    train(stopped[0].config, stopped[0].folder)
    fuse(stopped)
    assert_alike(whole, stopped, to_the_bit=False)


def test_members_that_stand_at_different_batches_come_together(tmp_path: Path, steps) -> None:
    whole, stopped = (jobs_of(tmp_path / name, "seed=0,1,2") for name in ("whole", "stopped"))
    for job in whole:
        train(job.config, job.folder)
    for jobs, stop in ((stopped[:2], 10), (stopped, 6)):  # the second time while one catches up
        steps.done, steps.stop_in = 0, stop
        with pytest.raises(Interrupted), interruptible():
            fuse(jobs)
    fuse(stopped)
    assert_alike(whole, stopped, to_the_bit=False)
