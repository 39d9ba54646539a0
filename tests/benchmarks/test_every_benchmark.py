"""Every benchmark runs, and measures what the table of targets says; no time is looked at."""

from pathlib import Path

import pytest

import nullfit
from measurement import read
from targets import TARGETS
from tests.commands import run_command

FORKED = Path(__file__).with_name("forked.py")
BENCHMARKS = Path(nullfit.__file__).parents[2] / "benchmarks"


@pytest.mark.slow
@pytest.mark.parametrize("name", dict.fromkeys(target.benchmark for target in TARGETS))
def test_it_measures_what_the_table_names(name: str, tmp_path: Path) -> None:
    benchmark = str(BENCHMARKS / f"{name}.py")
    options = ["--tiny", "--cores", "1", "--write", str(tmp_path)]
    done = run_command(benchmark, *options, script=FORKED)
    assert "Traceback" not in done.stderr, done.stderr
    _, found = read(tmp_path / f"{name}.json")
    assert {each.name for each in found} == {t.name for t in TARGETS if t.benchmark == name}
    for each in found:
        assert each.median > 0
        assert bool(each.theirs) == each.target.unit.startswith("×")
