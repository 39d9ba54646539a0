"""Signals come as an error, at once or where they are let through."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from nullfit.system import interruption
from nullfit.system.interruption import Interrupted, held, interruptible


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_at_once_where_nothing_is_held(number: int, code: int) -> None:
    with pytest.raises(Interrupted) as stopped, interruptible():
        send(number)
    assert stopped.value.exit_code == code
    assert not isinstance(stopped.value, Exception)  # nothing goes on after it


def test_what_is_held_happens_whole() -> None:
    done = []

    def work() -> None:
        with held():
            send(signal.SIGTERM)
            send(signal.SIGTERM)
            done.append("whole")
        done.append("never")

    with pytest.raises(Interrupted), interruptible():
        work()
    assert done == ["whole"]


def test_what_fails_while_it_is_held_fails_first() -> None:
    def fail() -> None:
        with held():
            send(signal.SIGTERM)
            raise ZeroDivisionError

    with interruptible():
        with pytest.raises(ZeroDivisionError):
            fail()
        with pytest.raises(Interrupted):
            interruption.release()


def test_who_waits_for_a_slow_step_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(interruption, "_PATIENCE_SECONDS", 0.01)

    def work(slow: bool) -> None:
        with held():
            send(signal.SIGINT)
            notice = interruption._Now.notice
            assert notice is not None
            if slow:
                notice.join()

    for slow in (True, False):
        with pytest.raises(Interrupted), interruptible():
            work(slow)
        assert ("stops after this step" in capfd.readouterr().err) or not slow
        assert interruption._Now.notice is None


def test_who_presses_twice_does_not_wait() -> None:
    def press_twice() -> None:
        send(signal.SIGINT)
        send(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interruptible(), held():
        press_twice()


def test_what_is_ignored_stays_so() -> None:  # as nohup has it
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            send(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


AT_A_TERMINAL = """
import fcntl, sys, termios, time
from nullfit.system.interruption import Interrupted, interruptible
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
try:
    with interruptible():
        print("ready", flush=True)
        time.sleep(600)
except Interrupted as stop:
    print("saved", flush=True)
    sys.exit(stop.exit_code)
"""


def test_what_a_closed_terminal_ends_can_still_save_and_say_so() -> None:
    ours, its = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL],
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    assert os.read(ours, 100).startswith(b"ready")
    os.close(ours)
    assert process.wait(300) == 129


def test_signals_that_a_library_has_taken_are_taken_back() -> None:
    def taken() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        interruption.listen_again()
        send(signal.SIGTERM)

    with pytest.raises(Interrupted), interruptible():
        taken()


def test_handlers_are_put_back_and_other_threads_have_none() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with interruptible(), interruptible():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
    seen = []

    def elsewhere() -> None:
        with interruptible():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [before]
