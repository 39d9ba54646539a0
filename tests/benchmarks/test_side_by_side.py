"""The frame of the benchmarks: turns, figures, verdicts. No test looks at a real clock."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nullfit
import side_by_side
import targets
from measurement import Measurement, read
from side_by_side import Asked, best, compare, in_turns, timed
from targets import TARGETS, Target, target_of

BENCHMARKS = Path(nullfit.__file__).parents[2] / "benchmarks"
ASKED = Asked(repeats=3, cores=1, tiny=False)


@pytest.fixture(autouse=True)
def _own_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        Target("frame/faster", "ours", "theirs", "× faster", 2.0),
        Target("frame/share", "ours", "theirs", "× the time", 1.1),
        Target("frame/seconds", "ours", "–", "s", 1.0),
        Target("frame/shown", "ours", "–", "GiB"),
    ]
    monkeypatch.setattr(targets, "TARGETS", lines)


def test_the_two_ways_take_turns_after_a_warm_up() -> None:
    calls: list[str] = []

    def way(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    figures = in_turns("x", {"a": lambda: way("a"), "b": lambda: way("b")}, ASKED)
    assert calls == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert figures == {"a": [4, 5, 8], "b": [3, 6, 7]}


def test_preparation_is_not_timed_and_its_outcome_is_handed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])

    def advance(seconds: float) -> tuple[float]:
        clock[0] += seconds
        return (seconds / 2,)

    assert timed(advance, lambda: advance(10.0))() == 5.0


def test_the_best_of_several_ways_is_what_is_beaten() -> None:
    assert best(lambda: 3.0, lambda: 1.0, lambda: 2.0)() == 1.0


@pytest.mark.parametrize(
    ("name", "ours", "theirs", "median", "met"),
    [
        ("frame/faster", [1.0, 1.0, 10.0], [3.0, 4.0, 50.0], 4.0, True),
        ("frame/faster", [1.0], [1.9], 1.9, False),
        ("frame/share", [1.0, 2.0], [1.0, 2.0], 1.0, True),
        ("frame/share", [1.2], [1.0], 1.2, False),
        ("frame/seconds", [0.5, 2.0, 0.7], [], 0.7, True),
        ("frame/seconds", [1.5], [], 1.5, False),
        ("frame/shown", [99.0], [], 99.0, True),
    ],
)
def test_the_median_of_the_rounds_is_judged(
    name: str, ours: list[float], theirs: list[float], median: float, met: bool
) -> None:
    measured = Measurement(name, ours, theirs)
    assert measured.median == pytest.approx(median)
    assert measured.met is met


def run_main(monkeypatch: pytest.MonkeyPatch, folder: Path, seconds: float) -> int:
    def measure(asked: Asked) -> Iterator[Measurement]:
        yield compare("frame/seconds", lambda: seconds, None, asked, note="a note")

    monkeypatch.setattr(side_by_side, "confine", lambda cores: None)
    monkeypatch.setattr(sys, "argv", ["frame.py", "--repeats", "3", "--write", str(folder)])
    with pytest.raises(SystemExit) as left:
        side_by_side.main("doc", measure, repeats=1)
    return left.value.code


def test_a_missed_target_is_loud_and_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, tmp_path, 1.25) == 1
    said = capsys.readouterr()
    assert said.err == (
        "MISSED frame/seconds: 1.25 s (1.25–1.25), n = 3, target ≤ 1 s: ours against –\n"
    )
    assert "missed" in said.out


def test_results_are_kept_with_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, tmp_path, 0.5) == 0
    assert capsys.readouterr().err == ""
    machine, measured = read(tmp_path / "frame.json")
    assert measured == [Measurement("frame/seconds", [0.5] * 3, [], "a note")]
    assert {"date", "processor", "cores", "versions"} <= set(machine)
    assert json.loads((tmp_path / "frame.json").read_text())["machine"] == machine


def test_a_figure_without_a_line_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError, match="no/line is not in benchmarks"):
        Measurement("no/line", [1.0], []).met  # noqa: B018


def test_every_target_has_a_name_of_its_own_and_a_benchmark() -> None:
    names = [target.name for target in TARGETS]
    assert len(names) == len(set(names))
    for target in TARGETS:
        assert (BENCHMARKS / f"{target.benchmark}.py").is_file(), target.name
    assert target_of("frame/share").at_least is False
