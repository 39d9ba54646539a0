"""``hydra/launcher=joblib``, as its users meet it."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.launchers import check_launcher
from nullfit.errors import UserError
from tests.launchers import grid
from tests.process_groups import gone

pytestmark = pytest.mark.slow

EPOCHS = "trainer.max_epochs=2"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    folder = tmp_path_factory.mktemp("joblib")
    launcher = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    half = grid.breaking(folder)  # of the jobs fail
    return folder, grid.run(folder, *launcher, EPOCHS, *half, "seed=0,1,2", "study=apart")


def test_results_are_those_of_one_process_to_the_bit(first, tmp_path) -> None:
    plain = grid.run(tmp_path, EPOCHS, "seed=0,1,2", "study=plain")
    assert plain.returncode == 0, plain.stderr
    apart = grid.results(first[0] / "outputs/apart")
    assert len(apart) == 3
    assert apart == grid.results(tmp_path / "outputs/plain")
    assert {result["threads"] for result in apart.values()} == {1}


def test_each_finished_job_has_a_line(first) -> None:
    told = first[1].stdout.splitlines()
    assert told[0] == "6 jobs, 2 at once with 1 thread each"
    assert len(told) == 4
    assert all("/6] mlp_1x512-digits-none-seed" in line for line in told[1:])


def test_failures_are_kept_for_the_end(first) -> None:
    folder, done = first
    assert done.returncode == 1
    assert "3 of 6 jobs failed; the same command tries them again." in done.stderr
    assert done.stderr.count("failed: ValueError: it breaks") == 1
    assert "nullfit: 3 jobs, " in done.stderr
    assert done.stderr.count("Traceback") == 1  # with what the job's process said of it
    assert len(list(folder.glob("outputs/apart/*/failure.txt"))) == 3


def test_what_a_job_says_stands_in_its_folder(first) -> None:
    for path in first[0].glob("outputs/apart/mlp_1x512*/output.log"):
        assert "not fitted in 2 epochs" in path.read_text()
        break
    else:
        pytest.fail("no output.log")


def test_the_same_command_runs_only_what_is_left(first) -> None:
    folder, _ = first
    before = {p: p.stat().st_mtime_ns for p in folder.glob("outputs/apart/*/result.json")}
    words = ("hydra/launcher=joblib", EPOCHS, "seed=0,1,2,3", "study=apart")
    again = grid.run(folder, *words, script=grid.FORKED)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("finished before") == 3
    assert "1 jobs, 1 at once" in again.stdout
    assert "[4/4]" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_interrupted_sweep_leaves_no_process_and_goes_on(tmp_path) -> None:
    # In so many seconds only an interrupt has a checkpoint written.
    long = ("trainer.max_epochs=100000", "trainer.checkpoint_seconds=1000", "seed=0,1")
    launch = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2", *long)

    def interrupted_where(each: str, holds: Callable[[str], bool]) -> list[str]:
        """The file ``each`` of both jobs, where the sweep was interrupted."""
        started = grid.start(tmp_path, *launch, alone=True, script=grid.FORKED)
        latest = time.monotonic() + 60
        while len(found := sorted(tmp_path.glob(f"outputs/default/*/{each}"))) < 2 or not all(
            holds(path.read_text()) for path in found
        ):
            started.check()
            if time.monotonic() > latest:
                os.killpg(started.command.pid, signal.SIGTERM)
                pytest.fail(f"{each} of both jobs is not as it should be")
            time.sleep(0.05)
        os.killpg(started.command.pid, signal.SIGINT)  # as a terminal does
        assert started.command.wait(300) == 130
        message = started.said()
        assert "stopped by SIGINT after 0 of 2 jobs; each running job was asked to save" in message
        assert "Traceback" not in message
        assert gone(started.command.pid)
        return [path.read_text() for path in found]

    rows = [
        text.splitlines()[1:] for text in interrupted_where("metrics.csv", lambda t: len(t) > 999)
    ]
    said = interrupted_where("output.log", lambda text: "going on after epoch" in text)
    for own, text in zip(rows, said, strict=True):
        assert re.findall(r"going on after epoch (\d+)", text) == [str(len(own))]


@pytest.mark.parametrize("n_jobs", ["0", "abc", "1.5"])
def test_an_impossible_number_of_jobs_is_refused(n_jobs) -> None:
    setting = f"hydra.launcher.n_jobs={n_jobs}"
    with composer():
        config = compose_run(["hydra/launcher=joblib", setting])
    with pytest.raises(UserError, match=f"^{setting} is not allowed: it must be"):
        check_launcher(config)
