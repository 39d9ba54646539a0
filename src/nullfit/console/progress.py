"""Progress: the last line of a terminal or of a notebook's cell; in a file a line now and then.

A notebook shows standard error as if something were wrong, so there it is on standard output.
"""

import atexit
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from rich.cells import cell_len, set_cell_size

from nullfit.console.messages import one_line, visible

Amount = int | float
Item = TypeVar("Item")

_REFRESH_SECONDS = 0.25
_LINE_SECONDS = 30.0
_PATIENCE_SECONDS = 1.0
_BAR_CELLS = 12
_ROOM_FOR_BAR = 100  # cells of a line
_ROOM_FOR_WORDS = 75  # of one that says "at most" instead of ≤
_NOTEBOOK_CELLS = 100  # of the width of a cell, which is not known
_FREE_CELLS = 2  # a terminal writes ^C behind the line, and must not wrap it


class Progress:
    """How much of ``total`` is done, what was reached, and the time left at the pace so far.

    A terminal shows one line, in which the title is cut where room is short, and which makes room
    for whatever is written meanwhile. Without a text it says "12 of 40" where the total is a whole
    number, and else a percentage. ``at_most`` says that the work may end early. For so many seconds
    of ``patience`` a terminal shows nothing.
    """

    def __init__(
        self,
        title: str,
        total: Amount,
        *,
        shown: bool = True,
        at_most: bool = False,
        patience: float = 0.0,
    ) -> None:
        self.title, self.total, self.shown = title, total, shown
        self.text = ""
        self.done: Amount = 0
        self._at_most, self._patience = at_most, patience
        self._start: float | None = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        _erase()

    def at(self, done: Amount, text: str | None = None) -> None:
        """So much is done, of which the first call says where it begins; a ``text`` stays.

        A call takes less than a microsecond, but for four times a second.
        """
        now = time.monotonic()
        self.done = done
        if text is not None:
            self.text = text
        if self._start is None:
            self._start, self._first = now, done
            self._on_terminal = _on_terminal()
            self._due = now + (self._patience if self._on_terminal else _LINE_SECONDS)
        if self.shown and now >= self._due:
            self._due = now + (_REFRESH_SECONDS if self._on_terminal else _LINE_SECONDS)
            if self._on_terminal:
                _draw(self._line(_room()))
            else:
                print(one_line("  ".join((self.title, *self._words()))), file=sys.stderr)

    def advance(self, amount: Amount = 1) -> None:
        """So much more is done."""
        self.at(self.done + amount)

    @property
    def seconds_left(self) -> float | None:
        """Unknown at the beginning."""
        if self._start is None or self.done <= self._first:
            return None
        pace = (time.monotonic() - self._start) / (self.done - self._first)
        return pace * max(self.total - self.done, 0)

    @property
    def _share(self) -> float:
        return min(self.done / self.total, 1.0) if self.total else 0.0

    def _words(self) -> list[str]:
        """What is reached and, where it is known, the time left."""
        counted = isinstance(self.total, int)
        amount = f"{self.done:,} of {self.total:,}" if counted else f"{self._share:.0%}"
        seconds = self.seconds_left
        left = [] if seconds is None else [f"{_clock(seconds)} left"]
        return [self.text or amount, *(f"at most {x}" if self._at_most else x for x in left)]

    def _line(self, room: int) -> str:
        """One line of at most so many cells."""
        reached, *left = map(one_line, self._words())
        rest = "".join(f"  {words}" for words in left)
        if room < _ROOM_FOR_WORDS:
            rest = rest.replace("at most", "≤")
        if room >= _ROOM_FOR_BAR:
            full = int(_BAR_CELLS * self._share)
            reached = f"{'━' * full:·<{_BAR_CELLS}}  {reached}"
        rest = _cut(reached, room - cell_len(rest)) + rest
        title = _cut(one_line(self.title), room - cell_len(rest) - 2)
        return f"{title}  {rest}" if title else rest


def track(items: Iterable[Item], total: int, title: str, *, shown: bool = True) -> Iterator[Item]:
    """Yield ``items``; what takes longer than a second shows how many of ``total`` are done."""
    with Progress(title, total, shown=shown, patience=_PATIENCE_SECONDS) as progress:
        progress.at(0)
        for item in items:
            yield item
            progress.advance()


def announce(text: str, *, passing: bool = False) -> None:
    """Say what takes a moment: on a terminal until anything else is said, in a file for good.

    What is only ``passing`` is no matter for a file.
    """
    if _on_terminal():
        atexit.register(_erase)
        _draw(_cut(one_line(text), _room()))
    elif not passing:
        print(visible(text), file=sys.stderr)


class _Above:
    """A standard stream on which everything that is written takes the place of the line.

    Once put in place it stays: ``print`` would crash if its stream were replaced while it writes.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> Any:
        _erase()
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_line_on: list[Any] = []  # the terminal, while the line is there


def _draw(line: str) -> None:
    for name in ("stdout", "stderr"):
        if not isinstance(stream := getattr(sys, name), _Above):
            setattr(sys, name, _Above(stream))
    terminal: Any = sys.stdout if _in_notebook() else sys.stderr
    sys.stdout.flush()
    _line_on[:] = [terminal.stream]
    _replace(line)


def _erase() -> None:
    if _line_on:
        _replace("")
        _line_on.clear()


def _replace(line: str) -> None:
    # A notebook knows no command to erase a line, and lets what is written anew cover the old.
    erased = f"\r{' ' * (_NOTEBOOK_CELLS - _FREE_CELLS)}\r" if _in_notebook() else "\r\x1b[K"
    _line_on[0].write(f"{erased}{line}")
    _line_on[0].flush()


def _in_notebook() -> bool:
    """Whether a kernel of Jupyter shows what is written here."""
    stream = getattr(sys.stdout, "stream", sys.stdout)
    return type(stream).__module__ == "ipykernel.iostream"


def _on_terminal() -> bool:
    if _in_notebook():
        return True
    return sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def _room() -> int:
    """Cells of the width that a line may take."""
    if _in_notebook():
        return _NOTEBOOK_CELLS - _FREE_CELLS
    return (os.get_terminal_size(sys.stderr.fileno()).columns or 80) - _FREE_CELLS


def _cut(text: str, cells: int) -> str:
    """The text, or as much of its beginning as there is room for."""
    if cell_len(text) <= cells:
        return text
    return f"{set_cell_size(text, cells - 1)}…" if cells > 1 else ""


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}"
