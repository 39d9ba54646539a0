"""``hydra/launcher=fused``: the same folders, files and results as one run after the other."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest
import yaml

from nullfit.config.composer import composer
from nullfit.config.plan import compose_grid
from nullfit.config.validation import validate
from nullfit.console.progress import Progress
from nullfit.fused import launch as launching
from nullfit.fused.launch import Job, JobCallbacks, launch
from nullfit.tasks.train.task import train
from nullfit.training import compilation, device
from tests.commands import run_command

pytestmark = pytest.mark.slow

TINY = ["logger=csv", "trainer.progress=false", "data.train_limit=200", "data.test_limit=100"]
GRID = [*TINY, "trainer.max_epochs=3", "corruption=random_labels", "seed=0,1"]
# Of the time a run took and the circumstances it names.
CIRCUMSTANCES = {"wall_seconds", "images_per_second", "study", "command"}


def jobs_of(outputs: Path, *overrides: str) -> list[Job]:
    with composer():
        plan = compose_grid([*overrides, f"outputs={outputs}"], multirun=True)
        return [Job(n, config, validate(config)) for n, config in enumerate(plan.configs)]


class Seen:
    """Callbacks that run jobs alone as usual and note what became of each."""

    def __init__(self) -> None:
        self.alone: list[int] = []
        self.done: list[int] = []
        self.failed: dict[int, Exception] = {}

    def callbacks(self) -> JobCallbacks:
        return JobCallbacks(self._alone, lambda job: self.done.append(job.number), self._failed)

    def _alone(self, job: Job) -> None:
        self.alone.append(job.number)
        train(job.config, job.folder)

    def _failed(self, job: Job, error: Exception) -> None:
        self.failed[job.number] = error


def fuse(jobs: list[Job], most: int | None = None) -> Seen:
    seen = Seen()
    launch(jobs, seen.callbacks(), most)
    return seen


def result(job: Job) -> dict:
    return json.loads((job.folder / "result.json").read_text())


@pytest.fixture(scope="module")
def fused_and_alone(tmp_path_factory) -> tuple[list[Job], list[Job]]:
    outputs = tmp_path_factory.mktemp("outputs")
    together = jobs_of(outputs, *GRID, "study=together")
    seen = fuse(together)
    assert sorted(seen.done) == [0, 1]
    assert not seen.alone
    apart = jobs_of(outputs, *GRID, "study=apart")
    for job in apart:
        train(job.config, job.folder)
    return together, apart


def test_every_file_of_a_run_alone_is_there_and_no_other(fused_and_alone) -> None:
    for fused, alone in zip(*fused_and_alone, strict=True):
        assert fused.folder.name == alone.folder.name
        files = {str(path.relative_to(alone.folder)) for path in alone.folder.rglob("*")}
        assert {str(path.relative_to(fused.folder)) for path in fused.folder.rglob("*")} == files


def test_results_agree_but_for_time_and_rounding(fused_and_alone) -> None:
    for fused, alone in zip(*fused_and_alone, strict=True):
        ours, theirs = result(fused), result(alone)
        assert ours.keys() == theirs.keys()
        assert ours.pop("metrics") == pytest.approx(theirs.pop("metrics"), rel=1e-4)
        for field in CIRCUMSTANCES:
            ours.pop(field), theirs.pop(field)
        assert ours == theirs


def test_the_command_in_a_result_is_that_of_its_own_run(fused_and_alone) -> None:
    for job in fused_and_alone[0]:
        command = result(job)["command"]
        assert f"seed={job.config.seed}" in command
        assert "study=together" in command


def test_curves_settings_and_arrays_agree(fused_and_alone) -> None:
    for fused, alone in zip(*fused_and_alone, strict=True):
        ours, theirs = (
            pandas.read_csv(job.folder / "metrics.csv").drop(columns=["seconds", "epoch_seconds"])
            for job in (fused, alone)
        )
        pandas.testing.assert_frame_equal(ours, theirs, rtol=1e-4)
        configs = [yaml.safe_load((j.folder / "config.yaml").read_text()) for j in (fused, alone)]
        assert {**configs[0], "study": None} == {**configs[1], "study": None}
        arrays = [np.load(job.folder / "arrays.npz") for job in (fused, alone)]
        assert (arrays[0]["confusion_matrix"] == arrays[1]["confusion_matrix"]).all()


def test_what_is_finished_is_not_run_again(fused_and_alone) -> None:
    jobs = fused_and_alone[0]
    before = [job.folder.joinpath("result.json").stat().st_mtime_ns for job in jobs]
    seen = fuse(jobs)
    assert seen.done == [0, 1]
    assert [job.folder.joinpath("result.json").stat().st_mtime_ns for job in jobs] == before


def test_an_interrupted_group_goes_on_from_its_checkpoints(tmp_path, monkeypatch) -> None:
    overrides = [*GRID, "trainer.checkpoint_seconds=0", "trainer.max_epochs=4"]
    whole = jobs_of(tmp_path / "whole", *overrides)
    fuse(whole)
    jobs = jobs_of(tmp_path / "cut", *overrides)
    epochs = []

    def pull_the_plug(members) -> None:
        epochs.append(members[0].epoch)
        if epochs[-1] == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(launching, "follow", lambda progress, trainings: pull_the_plug)
        with pytest.raises(KeyboardInterrupt):
            fuse(jobs)
    assert not any((job.folder / "result.json").exists() for job in jobs)
    seen = fuse(jobs)
    assert sorted(seen.done) == [0, 1]
    for job, undisturbed in zip(jobs, whole, strict=True):
        assert result(job)["metrics"] == result(undisturbed)["metrics"]  # to the bit
        curves = [
            pandas.read_csv(j.folder / "metrics.csv").drop(columns=["seconds", "epoch_seconds"])
            for j in (job, undisturbed)
        ]
        pandas.testing.assert_frame_equal(*curves, check_exact=True)


def test_a_run_alone_goes_on_from_a_checkpoint_of_a_group(tmp_path, monkeypatch) -> None:
    overrides = [*GRID, "trainer.checkpoint_seconds=0", "trainer.max_epochs=4"]
    jobs = jobs_of(tmp_path, *overrides)

    def pull_the_plug(members) -> None:
        if members[0].epoch == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(launching, "follow", lambda progress, trainings: pull_the_plug)
        with pytest.raises(KeyboardInterrupt):
            fuse(jobs)
    train(jobs[0].config, jobs[0].folder)
    assert result(jobs[0])["epochs"] == 4
    (other,) = (job for job in jobs_of(tmp_path / "other", *overrides) if job.config.seed == 0)
    train(other.config, other.folder)
    assert result(jobs[0])["metrics"] == pytest.approx(result(other)["metrics"], rel=1e-4)


def test_progress_counts_the_jobs_that_are_done_and_the_epochs_that_are_left(
    tmp_path, monkeypatch
) -> None:
    told, at = [], Progress.at

    def spied(progress, done, text=None):
        at(progress, done, text)
        told.append((progress.text, done, progress.total))

    monkeypatch.setattr(Progress, "at", spied)
    jobs = jobs_of(tmp_path, *GRID, "trainer.max_epochs=1,3", "seed=0,1")
    fuse(jobs, most=3)
    texts, done, totals = zip(*told, strict=True)
    assert texts[0] == "0 of 4 done"
    assert re.fullmatch(r"4 of 4 done  epoch 3  mean train [\d.]+%", texts[-1])
    assert sum(text.startswith("4 of") for text in texts) == 1
    assert done[-1] == totals[-1] == 2 * (1 + 3)


def test_a_failing_job_leaves_the_others_alone(tmp_path) -> None:
    grid = [*TINY, "trainer.max_epochs=1", "model=mlp_1x512", "data.crop=8,9", "seed=0,1"]
    jobs = jobs_of(tmp_path, *grid)  # the digits have 8 pixels a side
    seen = fuse(jobs)
    assert sorted(seen.done) == [0, 1]
    assert sorted(seen.failed) == [2, 3]
    assert all("crop" in str(error) for error in seen.failed.values())


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        (["model=wide_resnet_10", "data.batch_size=100"], "fusing pays below about 200 million"),
        (["trainer.precision=bf16-mixed"], "trainer.precision=bf16-mixed cannot be fused"),
        (["trainer.compile=default"], "trainer.compile=default cannot be fused"),
    ],
    ids=["too large", "mixed precision", "compiled"],
)
def test_what_cannot_be_fused_runs_alone_and_says_why(
    tmp_path, capsys, monkeypatch, overrides, reason
) -> None:
    monkeypatch.setattr(compilation, "backend", "eager")  # needs no C++ compiler
    monkeypatch.setattr(device, "processor_has_bfloat16", lambda: True)
    jobs = jobs_of(tmp_path, *TINY, "trainer.max_epochs=1", "seed=0,1", *overrides)
    seen = Seen()
    launch(jobs, replace(seen.callbacks(), alone=lambda job: seen.alone.append(job.number)), None)
    assert seen.alone == [0, 1]
    assert not seen.failed
    said = capsys.readouterr().out
    assert "2 jobs of" in said
    assert reason in said


def test_each_job_is_refused_what_the_processor_lacks(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(device, "processor_has_bfloat16", lambda: False)
    jobs = jobs_of(tmp_path, *TINY, "trainer=cpu", "trainer.precision=bf16-mixed", "seed=0,1")
    seen = fuse(jobs)
    assert sorted(seen.failed) == [0, 1]
    assert all("no instructions for bfloat16" in str(error) for error in seen.failed.values())
    assert not seen.alone
    assert not list(tmp_path.iterdir())


def test_layouts_form_groups_of_their_own(tmp_path, capsys) -> None:
    grid = ["trainer.max_epochs=1", "trainer.memory_format=auto,contiguous", "seed=0,1"]
    seen = fuse(jobs_of(tmp_path, *TINY, *grid))
    assert len(seen.done) == 4
    assert capsys.readouterr().out.count("fusing 2 jobs of mlp_1x512 on digits") == 2


@pytest.mark.parametrize("size", ["0", "-1", "abc"])
def test_an_impossible_group_size_is_refused_before_anything_is_written(tmp_path, size) -> None:
    done = command_line(tmp_path, f"hydra.launcher.max_group={size}", "seed=0,1")
    assert done.returncode == 2
    assert f"hydra.launcher.max_group={size} is not allowed: it must be" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_networks_and_batch_sizes_form_groups_of_their_own(tmp_path, capsys) -> None:
    grid = ["trainer.max_epochs=1", "data.batch_size=50,100", "seed=0,1", "model=mlp"]
    jobs = jobs_of(tmp_path, *TINY, *grid, "'model.hidden=[8],[16]'".strip("'"))
    seen = fuse(jobs)
    assert len(seen.done) == 8
    assert capsys.readouterr().out.count("fusing 2 jobs of mlp on digits") == 4


def test_offline_records_are_those_of_each_run(tmp_path) -> None:
    grid = [o for o in GRID if o != "logger=csv"]
    jobs = jobs_of(tmp_path, *grid, "logger.step_loss_budget=100.0")
    fuse(jobs)
    for job in jobs:
        assert list(job.folder.glob("wandb/**/run-*.wandb"))
        assert (job.folder / "result.json").is_file()


def command_line(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    fused = ("-m", "hydra/launcher=fused", *TINY, "trainer.max_epochs=1")
    return run_command(*fused, *arguments, cwd=folder)


def test_the_command_line_launches_it(tmp_path) -> None:
    done = command_line(tmp_path, "hydra.launcher.max_group=2", "seed=0,1,2,3", "study=first")
    assert done.returncode == 0, done.stderr
    assert "fusing 4 jobs of mlp_1x512 on digits, 2 at a time" in done.stdout
    assert len(list(tmp_path.glob("outputs/first/*/result.json"))) == 4
