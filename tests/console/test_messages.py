"""What goes to standard output: tables in terminals and files, a reader that leaves."""

import os
import re
import sys
from contextlib import contextmanager

import pytest
from rich.box import SIMPLE_HEAD
from rich.table import Table

from nullfit import cli
from nullfit.console.messages import say, show

NAMES = [f"trunk.1.branches.{branch}.{layer}" for branch in (0, 1) for layer in (0, 1)]


def a_table():
    table = Table(box=SIMPLE_HEAD)
    table.add_column("layer", no_wrap=True)
    table.add_column("type")
    table.add_column("FLOPs / image", justify="right")
    for number, name in enumerate(NAMES):
        table.add_row(name, "ShiftBatchNorm2d", f"{number:,}")
    return table


def names_in(text):
    """The cells of the first column; a folded one is put together again."""
    lines = text.splitlines()
    heading = next(line for line in lines if "layer" in line)
    column = slice(heading.index("layer"), heading.index("type"))
    cells = [""]
    for line in lines[lines.index(heading) + 2 :]:
        begins = line.rstrip().endswith(tuple("0123456789"))  # its number stands in the first line
        cells = (
            [*cells, line[column].strip()]
            if begins
            else [*cells[:-1], cells[-1] + line[column].strip()]
        )
    return cells[1:]


@pytest.mark.parametrize("width", [32, 60, 80, 110])
def test_a_terminal_folds_what_does_not_fit(capsys, monkeypatch, width):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    show(a_table())
    text = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert names_in(text) == NAMES


@pytest.mark.parametrize("wide", [False, True])
def test_a_file_has_no_edge(capsys, monkeypatch, wide):
    monkeypatch.setenv("COLUMNS", "32")
    show(a_table(), wide=wide)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if "trunk" in line] == NAMES
    assert all("ShiftBatchNorm2d" in line for line in lines if "trunk" in line)


@contextmanager
def unread():
    """Standard output whose reader has left."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        yield


def test_a_reader_that_leaves_ends_nothing():
    with unread():
        for _ in range(2):
            say("one more epoch")
            show(a_table())


def test_a_reader_may_leave_in_the_middle_of_the_help(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["run.py", "--help"])
    with unread():
        cli.main()
