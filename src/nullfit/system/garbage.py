"""Keeping Python's garbage collector out of the way where there is nothing to collect."""

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Import large packages within it, which make objects that stay.

    torch and Lightning make a million of them; looking through those again and again takes a fifth
    of the time of their import.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def spare_what_is_loaded() -> None:
    """Never look through what is there now again, nor at the end of the process at anything.

    For a process of our own, once it has loaded what it needs: Python would search for garbage
    several times while it ends, which takes longer than a second.
    """
    gc.freeze()
    atexit.register(_leave_it)


def _leave_it() -> None:
    # DuckDB's binding (nanobind) lists what it finds uncollected at the end, a screen of it.
    if "duckdb" not in sys.modules:
        gc.freeze()
