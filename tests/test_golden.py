"""The present code finds the numbers, and names the jobs, that an earlier commit did."""

import shlex
from pathlib import Path

import pytest
import yaml

from tests.command_line import carry_out
from tests.pinned import (
    FINISHED_RUNS,
    GOLDEN,
    assert_same,
    commands,
    copied_data,
    draw_nothing,
)

# Quick ones of each kind; the rest is gone on with in test_finished_runs.py.
PARTS = (
    *("probability0.5-", "-chain-", "mlp_table-table-", "permutation_test-mlp_table-", "kernel-"),
    *("factorization-", "expressivity-", "implicit_regularization-", "rademacher-"),
)
REPEATED = [each for each in commands("finished") if any(part in str(each) for part in PARTS)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data of the runs, and nothing else."""
    draw_nothing(monkeypatch)
    return copied_data(tmp_path)


@pytest.mark.parametrize("command", REPEATED, ids=str)
def test_the_same_numbers_on_one_thread(folder: Path, command) -> None:
    answer = carry_out(folder, *command.arguments)
    assert answer.code == 0, answer.err
    (job,) = command.folders
    assert_same(folder / job, FINISHED_RUNS / job)


def test_the_same_names_of_jobs(folder: Path) -> None:
    stored = (GOLDEN / "jobs.txt").read_text(encoding="utf-8")
    named = ""
    for line in stored.splitlines():
        settings = line.partition(":")[2].strip()
        answer = carry_out(folder, "--cfg", "job", "--resolve", *shlex.split(settings))
        assert answer.code == 0, f"{settings}: {answer.err}"
        named += f"{yaml.safe_load(answer.out)['job']}: {settings}".strip() + "\n"
    assert named == stored
