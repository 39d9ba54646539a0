"""The pool of processes, with jobs that import nothing large."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from nullfit.launchers.cores import Share
from nullfit.launchers.job import Job
from nullfit.launchers.job_specification import JobOutcome
from nullfit.launchers.processes import run_in_processes
from nullfit.runs.command import Command
from tests.process_groups import gone

Work = Callable[[], JobOutcome]


@pytest.fixture
def jobs(tiny_config) -> list[Job]:
    """Eight jobs, of which only their number matters here."""
    return [Job(number, OmegaConf.create(), tiny_config()) for number in range(8)]


def carried_out(jobs: list[Job], works: list[Work]) -> list[JobOutcome]:
    """What became of the first jobs."""
    ended: dict[int, JobOutcome] = {}

    def note(job: Job, outcome: JobOutcome) -> None:
        assert job.number not in ended
        ended[job.number] = outcome

    run_in_processes(jobs[: len(works)], lambda job: works[job.number], Share(2, 3), note)
    return [ended[number] for number in range(len(works))]


# Functions that are made in functions travel whole: other processes cannot import this file.
def saying(text: str) -> Work:
    return lambda: JobOutcome(1.0, text)


def dying(marker: Path, times: int) -> Work:
    def work() -> JobOutcome:
        with marker.open("a") as file:
            file.write("x")
        if len(marker.read_text()) <= times:
            os.kill(os.getpid(), signal.SIGKILL)
        return JobOutcome(1.0, "survived")

    return work


def test_all_jobs_are_carried_out_elsewhere_with_their_share_of_threads(jobs) -> None:
    def where() -> JobOutcome:
        return JobOutcome(1.0, f"{os.getpid()} {os.environ['OMP_NUM_THREADS']}")

    told = [outcome.summary.split() for outcome in carried_out(jobs, [where] * 5)]
    assert 1 <= len({process for process, _ in told}) <= 2
    assert str(os.getpid()) not in {process for process, _ in told}
    assert {threads for _, threads in told} == {"3"}


def test_a_process_that_dies_once_costs_nothing_but_time(jobs, tmp_path) -> None:
    works = [dying(tmp_path / "a", 1), *(saying(str(n)) for n in range(3))]
    assert [outcome.summary for outcome in carried_out(jobs, works)] == ["survived", *"012"]


def test_a_process_that_dies_again_fails_alone(jobs, tmp_path) -> None:
    works = [saying("0"), dying(tmp_path / "a", 9), *(saying(str(n)) for n in range(1, 4))]
    ended = carried_out(jobs, works)
    assert "ended without a word, twice" in str(ended.pop(1).error)
    assert [outcome.summary for outcome in ended] == list("0123")
    assert (tmp_path / "a").read_text() == "xx"


def test_nothing_is_begun_where_nothing_can_be_written_any_more(jobs, monkeypatch) -> None:
    monkeypatch.setattr(Command, "current", Command())
    ended = []

    def full(job: Job, _outcome: JobOutcome) -> None:
        ended.append(job.number)
        Command.current.halted = True

    run_in_processes(jobs, lambda _: saying(""), Share(1, 1), full)
    assert ended == [0]


def test_processes_end_with_the_one_that_they_work_for(tmp_path) -> None:
    script = (
        "import os, sys, time\n"
        "from omegaconf import OmegaConf\n"
        "from nullfit.launchers import processes\n"
        "from nullfit.launchers.cores import Share\n"
        "kill = lambda: (os.kill(os.getppid(), 9), time.sleep(600))\n"
        "processes.run_in_processes([1], lambda _: kill, Share(1, 1), print)\n"
    )
    started = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    assert started.wait(300) == -signal.SIGKILL
    assert gone(started.pid)


def test_an_interruption_ends_all_processes(jobs, tmp_path) -> None:
    def slow() -> JobOutcome:
        (tmp_path / str(os.getpid())).touch()
        time.sleep(600)
        return JobOutcome(600.0)

    def interrupted(job: Job, outcome: JobOutcome) -> None:
        raise KeyboardInterrupt

    works = [slow, saying("first")]
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_in_processes(jobs[:2], lambda job: works[job.number], Share(2, 1), interrupted)
    assert time.monotonic() - began < 300
    for path in tmp_path.iterdir():
        assert not Path(f"/proc/{path.name}").exists()
