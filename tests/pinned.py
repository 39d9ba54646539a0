"""The runs in tests/finished_runs: their commands, copies of them, and how results are compared."""

import csv
import json
import math
import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
FINISHED_RUNS = HERE / "finished_runs"
GOLDEN = HERE / "golden"
# What differs between two runs of the same settings, whatever it is within.
_CIRCUMSTANCES = {"study", "seconds", "device", "threads", "versions", "command", "expected_steps"}
_CIRCUMSTANTIAL_ENDS = ("_seconds", "_bytes", "_per_second")
# What is computed otherwise since: p-values of families are held against levels up to 0.2.
_RENEWED = {"smallest_adjusted_p"}
# Processors round differently; a few steps of training make little of it.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Command:
    """A command line of commands.txt, what became of it, and the folders that it wrote."""

    state: str
    folders: tuple[Path, ...]
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return self.folders[0].name


def _commands() -> list[Command]:
    lines = (FINISHED_RUNS / "commands.txt").read_text(encoding="utf-8").splitlines()
    commands = []
    for about, line in zip(lines[::2], lines[1::2], strict=True):
        state, jobs = about.removeprefix("# ").split(": ")
        folders = tuple(Path("outputs", job) for job in jobs.split())
        commands.append(Command(state, folders, tuple(shlex.split(line)[2:])))
    return commands


COMMANDS = _commands()


def commands(*states: str) -> list[Command]:
    """Those that came to one of these ends."""
    return [command for command in COMMANDS if command.state in states]


def copied_data(to: Path) -> Path:
    """A folder with the data of the runs, as old as they were."""
    shutil.copytree(FINISHED_RUNS / "images", to / "images")
    shutil.copy2(FINISHED_RUNS / "iris.csv", to)
    for image in (to / "images").rglob("*.pgm"):
        os.utime(image, (10**9, 10**9))
    return to


def copied_runs(to: Path) -> Path:
    """The same with the runs."""
    shutil.copytree(FINISHED_RUNS / "outputs", to / "outputs")
    return copied_data(to)


def contents(folder: Path) -> dict[Path, tuple[bytes, int]]:
    """All files below a folder: what is in them, and when they were written."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave figures for print empty: they would take most of the time, and are not looked at."""

    def saved(_: object, file: Any, **__: object) -> None:
        file.write(b"") if hasattr(file, "write") else Path(file).write_bytes(b"")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", saved)
    monkeypatch.setattr("nullfit.charts.printed.svg", lambda _: "")
    for suffix in ("pdf", "png"):
        monkeypatch.setattr(f"vl_convert.svg_to_{suffix}", lambda *_, **__: b"")
    monkeypatch.setattr("nullfit.report.printing.cpu_count", lambda: 1)


def assert_same(folder: Path, stored: Path) -> None:
    """A run found what a stored one had found: result, arrays, curves; it may tell more."""
    assert folder.is_dir(), f"{folder.name} was not written: it is another job now"
    _assert_close(_result(folder), _result(stored), stored.name)
    if (stored / "arrays.npz").exists():
        _assert_close(_arrays(folder), _arrays(stored), stored.name)
    for curves in stored.rglob("metrics.csv"):
        there = folder / curves.relative_to(stored)
        _assert_close(_columns(there), _columns(curves), f"{stored.name} metrics.csv")


def _result(folder: Path) -> Any:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def _arrays(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        return dict(arrays)


def _columns(path: Path) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


def _assert_close(found: Any, stored: Any, where: str) -> None:
    """Numbers may differ by rounding, counts and words not."""
    if isinstance(stored, dict):
        for key, value in stored.items():
            if key not in _CIRCUMSTANCES | _RENEWED and not key.endswith(_CIRCUMSTANTIAL_ENDS):
                assert key in found, f"{where}: {key} is no longer there"
                _assert_close(found[key], value, f"{where}: {key}")
    elif isinstance(stored, list):
        assert len(found) == len(stored), where
        for number, (one, other) in enumerate(zip(found, stored, strict=True)):
            _assert_close(one, other, f"{where}[{number}]")
    elif isinstance(stored, np.ndarray):
        assert (found.shape, found.dtype) == (stored.shape, stored.dtype), where
        if stored.dtype.kind == "f":
            # small weights are differences of large ones
            scale = _TOLERANCE * np.nanmax(np.abs(stored), initial=0.1)
            np.testing.assert_allclose(found, stored, _TOLERANCE, scale, err_msg=where)
        else:
            np.testing.assert_array_equal(found, stored, where)
    elif isinstance(stored, float):
        assert isinstance(found, int | float), f"{where}: {found} instead of {stored}"
        close = math.isclose(found, stored, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE / 10)
        assert close, f"{where}: {found} instead of {stored}"
    else:
        assert found == stored, where


def assert_golden(name: str, text: str) -> None:
    """``text`` is what tests/golden has; ``GOLDEN=write`` in the environment puts it there."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"tests/golden/{name} has another text"
