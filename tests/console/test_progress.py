"""Stages of a long computation: their shares, and what a log file gets to read."""

import pytest

from nullfit.console import progress
from nullfit.console.progress import Stages


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_now_and_then_with_the_time_left(clock, capsys):
    with Stages("job", 100.0) as stages:
        tick = stages.stage("building", 10, 20.0)
        clock[0] = 31.0
        tick(5)
        clock[0] = 45.0
        tick(5)  # too soon for another line
        tick = stages.stage("solving", 4, 80.0)
        clock[0] = 100.0
        tick(2)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "job  building  10%  about 0:04:39 left",
        "job  solving  60%  about 0:01:07 left",
    ]
    assert stages.spent == {"building": 45.0, "solving": 55.0}


def test_the_time_left_is_not_told_from_little(clock, capsys):
    with Stages("job", 100) as stages:
        tick = stages.stage("work", 100, 100)
        clock[0] = 40.0
        tick(1)
    assert capsys.readouterr().err == "job  work  1%\n"


def test_a_stage_keeps_to_its_share(clock):
    with Stages("job", 10.0, shown=False) as stages:
        tick = stages.stage("longer than expected", 1, 4.0)
        tick(3)
        assert stages.done == 4
        stages.stage("shorter", 1, 6.0)
    assert stages.done == 10


def test_nothing_is_said_of_what_is_quickly_done_or_not_to_be_shown(clock, capsys):
    for shown, after in ((True, 1.0), (False, 1000.0)):
        with Stages("job", 1.0, shown=shown) as stages:
            tick = stages.stage("work", 1, 1.0)
            clock[0] += after
            tick(1)
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_there_is_a_bar(clock, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with Stages("job", 100.0) as stages:
        assert stages._console.is_terminal
        tick = stages.stage("building", 10, 100.0)
        clock[0] = 10.0
        tick(2)
        assert stages._bar is not None
        assert stages._bar.tasks[0].completed == 20
        assert stages._bar.tasks[0].fields["stage"] == "building"
    assert "building" in capsys.readouterr().err
