"""The benchmarks of the data run; what they measure is not looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

import nullfit
from measurement import read
from targets import TARGETS

FOLDER = Path(nullfit.__file__).parents[2] / "benchmarks"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["batches", "corruptions", "memory"])
def test_it_measures_every_figure(tmp_path: Path, name: str) -> None:
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--tiny", "--cores", "1"]
    done = subprocess.run(
        [*command, "--write", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    _, found = read(tmp_path / f"{name}.json")
    assert {each.name for each in found} == {t.name for t in TARGETS if t.benchmark == name}
    assert all(figure > 0 for each in found for figure in each.ours if each.name != "memory/growth")
