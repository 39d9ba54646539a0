"""The benchmark of start-up runs; what it measures is not looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

import nullfit
from measurement import read

BENCHMARK = Path(nullfit.__file__).parents[2] / "benchmarks" / "startup.py"


@pytest.mark.slow
def test_it_measures_every_start(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARK), "--tiny", "--cores", "1", "--write", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    _, found = read(tmp_path / "startup.json")
    seconds = {each.name: each.ours[0] for each in found}
    assert list(seconds) == [
        *("startup/help", "startup/config"),
        *("startup/first_step", "startup/first_step_csv"),
    ]
    assert all(value > 0 for value in seconds.values())
    for first_step in found[2:]:
        assert len(first_step.theirs) == 1
