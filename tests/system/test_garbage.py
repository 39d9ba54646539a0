"""The collector is off while packages load, and as it was afterwards."""

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from nullfit.system.garbage import uncollected


@pytest.fixture(autouse=True)
def _enabled() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_off_within_and_as_before_afterwards(enabled: bool) -> None:
    if not enabled:
        gc.disable()
    with pytest.raises(AssertionError), uncollected():
        assert gc.isenabled()
    assert gc.isenabled() is enabled


def test_only_what_is_made_later_is_looked_through_and_the_end_is_quick() -> None:
    code = (
        "import atexit, gc\nfrom nullfit.system.garbage import spare_what_is_loaded\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > before))\n"
        "spare_what_is_loaded()\n"
        "before = gc.get_freeze_count()\n"
        "later = [[] for _ in range(1000)]\n"
        "print(before > 1000, gc.isenabled(), len(gc.get_objects()) < before + 1000)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True", "True"]


def test_duckdb_finds_nothing_to_complain_of() -> None:
    code = (
        "from nullfit.system.garbage import spare_what_is_loaded\nspare_what_is_loaded()\n"
        "import duckdb\nduckdb.connect(':memory:').execute('select 1')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stderr
