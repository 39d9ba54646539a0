"""Progress in terminals of several widths, beside what else is said, and in files."""

import fcntl
import io
import os
import pty
import struct
import sys
import termios
from contextlib import ExitStack, closing, suppress

import pytest
from rich.cells import cell_len

from nullfit.console import progress
from nullfit.console.messages import say, warn
from nullfit.console.progress import Progress, announce, track

TITLE = "mlp_1x512-digits-random_labels_probability1.0-seed0-e3a0b1c2"
REACHED = "epoch 12/300  train 98.2% test 97.1%"


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


class Terminal:
    """A real one, and what a person sees of it."""

    def __init__(self, columns):
        self._read, write = pty.openpty()
        attributes = termios.tcgetattr(write)
        attributes[1] &= ~termios.OPOST  # a new line stays one character
        termios.tcsetattr(write, termios.TCSANOW, attributes)
        self.stream = os.fdopen(write, "w", encoding="utf-8")
        self.written = ""
        self.resize(columns)

    def resize(self, columns):
        size = struct.pack("HHHH", 24, columns, 0, 0)
        fcntl.ioctl(self.stream.fileno(), termios.TIOCSWINSZ, size)

    def screen(self):
        """Its lines; what no new line ended is the last one."""
        self.stream.flush()
        os.set_blocking(self._read, False)
        with suppress(BlockingIOError):
            while True:
                self.written += os.read(self._read, 2**16).decode()
        return [line.split("\r\x1b[K")[-1] for line in self.written.split("\n")]

    def close(self):
        self.stream.close()
        os.close(self._read)


@pytest.fixture
def terminal_of(monkeypatch):
    """A function that opens a terminal of so many columns."""
    with ExitStack() as terminals:

        def opened(columns=110):
            terminal = terminals.enter_context(closing(Terminal(columns)))
            monkeypatch.setattr(sys, "stderr", terminal.stream)
            monkeypatch.setattr(sys, "stdout", terminal.stream)
            monkeypatch.setenv("TERM", "xterm")
            return terminal

        yield opened
        progress._erase()  # what a failing test left


@pytest.mark.parametrize(
    ("columns", "reached", "title", "rest"),
    [
        (60, REACHED, "mlp…", "≤ 0:05:00 left"),
        (60, "epoch 1000/10000  train 100.0% test 97.1%", "", "≤ 0:05:00 left"),
        (60, "3 of 40 done  epoch 60  mean train 79.5%", "", "≤ 0:05:00 left"),
        (80, REACHED, "mlp_1x512-digits-…", "at most 0:05:00 left"),
        (110, REACHED, "mlp_1x512-digits-random_labels_pr…", "at most 0:05:00 left"),
    ],
)
def test_the_title_is_cut_and_what_is_reached_and_the_time_left_are_not(
    terminal_of, clock, columns, reached, title, rest
):
    terminal = terminal_of(columns)
    with Progress(TITLE, 300, at_most=True) as shown:
        shown.at(0, reached)
        clock[0] = 300.0
        shown.at(150)
        (seen,) = terminal.screen()
        bar = "━━━━━━······" if columns >= 110 else ""
        assert seen == "  ".join(filter(None, [title, bar, reached, rest]))
        assert cell_len(seen) <= columns - len("^C")
    assert terminal.screen() == [""]


def test_the_width_is_that_of_now_and_wide_characters_count_twice(terminal_of, clock):
    terminal = terminal_of()
    with Progress("標" * 60, 40) as shown:
        for columns in (110, 60, 20):
            clock[0] += 1.0
            terminal.resize(columns)
            shown.advance()
            (seen,) = terminal.screen()
            assert cell_len(seen) <= columns
    assert "left" in seen


def test_without_a_text_it_counts_or_tells_the_percentage(terminal_of, clock):
    terminal = terminal_of()
    for total, told in ((40, "2 of 40"), (40.0, "5%")):
        with Progress("job", total) as shown:
            shown.at(0)
            clock[0] += 60.0
            shown.at(2)
            assert terminal.screen()[-1].endswith(f"{told}  0:19:00 left")


def test_it_is_drawn_four_times_a_second_at_most(terminal_of, clock):
    terminal = terminal_of()
    with Progress("job", 1000) as shown:
        for _ in range(1000):
            clock[0] += 0.001
            shown.advance()
        terminal.screen()
    assert terminal.written.count("job") == 4


def test_what_others_say_never_lands_on_its_line(terminal_of, clock):
    terminal = terminal_of()

    def pass_a_second(shown):
        clock[0] += 1.0
        shown.advance()
        assert terminal.screen()[-1].startswith("outer")

    with Progress("outer", 40) as shown:
        pass_a_second(shown)
        say("on stdout")
        pass_a_second(shown)
        warn("on stderr")
        print("by a library")
        print("UserWarning: beware", file=sys.stderr)
        pass_a_second(shown)
        for _ in track(range(3), 3, "inner"):
            clock[0] += 2.0
        pass_a_second(shown)
    said = ["on stdout", "nullfit: on stderr", "by a library", "UserWarning: beware"]
    assert terminal.screen() == [*said, ""]
    assert "inner" in terminal.written


def test_what_goes_to_a_file_goes_there_while_the_line_is_on_the_terminal(
    terminal_of, clock, monkeypatch
):
    terminal = terminal_of()
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    out = sys.stdout
    with Progress("job", 40) as shown:
        shown.at(1)
        say("a result")
        assert terminal.screen() == [""]  # so that tee may show it there
        clock[0] = 1.0
        shown.at(2)
        assert "2 of 40" in terminal.screen()[0]
    assert out.getvalue() == "a result\n"


def test_an_error_gives_the_terminal_back(terminal_of):
    terminal = terminal_of()

    def work():
        with Progress("job", 40) as shown:
            shown.at(1)
            assert terminal.screen() != [""]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert terminal.screen() == [""]
    assert "\x1b[?25" not in terminal.written  # the cursor was never hidden


def test_a_list_shows_its_progress_if_it_takes_longer_than_a_second(terminal_of, clock):
    terminal = terminal_of()
    for seconds, seen in ((0.1, [""]), (0.4, ["Decoding images", "3 of 5"])):
        items = track(iter(range(5)), 5, "Decoding images")
        for number, item in enumerate(items):
            assert item == number
            clock[0] += seconds
            if number == 3:
                assert all(words in terminal.screen()[0] for words in seen)
    assert terminal.screen() == [""]


def test_a_file_has_a_line_each_half_minute_and_no_control_codes(capsys, clock):
    with Progress("job", 100, at_most=True) as shown:
        for _ in range(60):
            clock[0] += 1.1
            shown.at(shown.done + 1, f"epoch {shown.done + 1}/100")
    assert capsys.readouterr().err.splitlines() == [
        "job  epoch 29/100  at most 0:01:18 left",
        "job  epoch 57/100  at most 0:00:47 left",
    ]


def test_the_pace_is_that_of_this_process(capsys, clock):
    with Progress("job", 100) as shown:
        shown.at(90)  # where a checkpoint stood
        clock[0] = 60.0
        shown.at(95)
        assert shown.seconds_left == 60.0
    assert capsys.readouterr().err == "job  95 of 100  0:01:00 left\n"


def test_nothing_is_shown_that_is_not_to_be(terminal_of, clock, capsys):
    def work():
        with Progress("job", 40, shown=False) as shown:
            for _ in range(40):
                clock[0] += 40.0
                shown.advance()

    work()
    assert capsys.readouterr() == ("", "")
    terminal = terminal_of()
    work()
    assert terminal.screen() == [""]


def test_an_announcement_stands_on_a_terminal_until_anything_else_is_said(terminal_of):
    terminal = terminal_of(30)
    announce("task=train: loading libraries and data …")
    assert terminal.screen() == ["task=train: loading librari…"]
    say("begins")
    assert terminal.screen() == ["begins", ""]


def test_an_announcement_is_a_line_in_a_file_and_on_a_dumb_terminal(
    terminal_of, capsys, monkeypatch
):
    announce("loading")
    assert capsys.readouterr().err == "loading\n"
    terminal = terminal_of()
    monkeypatch.setenv("TERM", "dumb")
    announce("loading")
    assert terminal.screen() == ["loading", ""]
