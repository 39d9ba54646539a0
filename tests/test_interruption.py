"""Signals come as an error, at once or where they are let through."""

import os
import signal
import threading

import pytest

from nullfit import interruption
from nullfit.interruption import Interrupted, held, interruptible


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
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


def test_who_presses_twice_does_not_wait() -> None:
    def press_twice() -> None:
        send(signal.SIGINT)
        send(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interruptible(), held():
        press_twice()


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
