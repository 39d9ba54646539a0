"""Signals as an error that comes only where work can be left and gone on with."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import ClassVar

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last: its terminal was closed

_PATIENCE_SECONDS = 2.0
_WAITS = (
    b"\nnullfit: stops after this step, to go on from there; "
    b"Ctrl+C once more stops at once, from the last checkpoint\n"
)


class Interrupted(BaseException):
    """The process was asked to stop. It is no `Exception`, so that nothing goes on after it.

    ``saved`` turns true when whoever was interrupted has saved where it stands, ``asked`` when
    jobs in other processes were asked to.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = signal.Signals(number)
        self.saved = self.asked = False

    @property
    def exit_code(self) -> int:
        """130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP, as shells have it."""
        return 128 + self.signal


class _Now:
    """A process has one set of signal handlers, so this is the process's."""

    installed = False
    heard: ClassVar[list[signal.Signals]] = []
    held = False
    pending: ClassVar[int | None] = None
    notice: ClassVar[threading.Timer | None] = None


@contextmanager
def interruptible() -> Iterator[None]:
    """Within it signals raise `Interrupted`, at once or where they are next let through.

    They reach the main thread alone; elsewhere, and within itself, it does nothing. A signal that
    is ignored stays so, as SIGHUP is with nohup.
    """
    if threading.current_thread() is not threading.main_thread() or _Now.installed:
        yield
        return
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _receive) for number in heard}
    _Now.installed, _Now.heard = True, heard
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        _Now.installed = _Now.held = False
        _take_notice_back()
        _Now.pending, _Now.heard = None, []


def listen_again() -> None:
    """Take the signals back from a library that has put handlers of its own in place of ours."""
    for number in _Now.heard:
        signal.signal(number, _receive)


@contextmanager
def held() -> Iterator[None]:
    """Signals wait until its end, so that what is in it happens whole or not at all."""
    hold()
    try:
        yield
    except BaseException:
        drop()
        raise
    release()


def hold() -> None:
    """Let signals wait from now on."""
    _Now.held = True


def release() -> None:
    """Let signals through again.

    Raises:
        Interrupted: one came while they had to wait.
    """
    _Now.held = False
    if _Now.pending is not None:
        number, _Now.pending = _Now.pending, None
        _take_notice_back()
        raise Interrupted(number)


def drop() -> None:
    """Let signals through again; one that waits goes on waiting for the next `release`."""
    _Now.held = False


def _receive(number: int, frame: FrameType | None) -> None:
    if number == signal.SIGHUP:
        _leave_closed_terminal()
    if not _Now.held:
        raise Interrupted(number)
    if _Now.pending == number == signal.SIGINT:  # asked twice, someone does not want to wait
        _Now.held, _Now.pending = False, None
        _take_notice_back()
        raise KeyboardInterrupt
    _Now.pending = number
    if number == signal.SIGINT:
        _Now.notice = threading.Timer(_PATIENCE_SECONDS, _say_that_it_waits)
        _Now.notice.daemon = True
        _Now.notice.start()


def _take_notice_back() -> None:
    if _Now.notice is not None:
        _Now.notice.cancel()
        _Now.notice = None


def _say_that_it_waits() -> None:
    with suppress(OSError):
        os.write(2, _WAITS)


def _leave_closed_terminal() -> None:
    """Say the rest to no one: writing to a terminal that is gone fails, and saving goes first."""
    for descriptor in (1, 2):
        try:
            os.write(descriptor, b"")
        except OSError:
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, descriptor)
                os.close(nowhere)
