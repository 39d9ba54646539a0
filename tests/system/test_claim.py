"""Two processes that start the same job: one works, the other waits or is told who does."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nullfit.errors import StorageError
from nullfit.system.claim import CLAIM, TakenError, claimed

HOLDER = """
import sys, time
from pathlib import Path
from nullfit.system.claim import claimed
with claimed(Path(sys.argv[1]), "job"):
    print("mine", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that has claimed ``tmp_path``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_who_has_it_is_told(tmp_path: Path, holder: subprocess.Popen) -> None:
    with (
        pytest.raises(TakenError, match=f"job is being run by process {holder.pid} on .* since 20"),
        claimed(tmp_path, "job", wait=False),
    ):
        pass


def test_it_waits_for_the_other_even_if_that_one_is_killed(
    tmp_path: Path, holder: subprocess.Popen, capsys
) -> None:
    began = time.monotonic()
    threading.Timer(0.3, holder.kill).start()
    with claimed(tmp_path, "job"):
        assert time.monotonic() - began >= 0.3
    assert f"by process {holder.pid} on" in capsys.readouterr().out


def test_what_a_dead_process_left_blocks_no_one_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / CLAIM).write_text("process 1 on another-machine since 2001-01-01T00:00:00+00:00")
    with claimed(tmp_path, "job", wait=False):
        assert f"process {os.getpid()}" in (tmp_path / CLAIM).read_text()
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_room_for_it_that_is_told_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StorageError, match=r"\.claim cannot be written"), claimed(tmp_path, "job"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_only_one_at_a_time_however_many_come(tmp_path: Path) -> None:
    inside, most = [], []

    def work() -> None:
        for _ in range(20):
            with claimed(tmp_path, "job"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.001)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 80
    assert max(most) == 1


def test_it_is_given_back_when_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), claimed(tmp_path, "job"):
        raise ZeroDivisionError
    with claimed(tmp_path, "job", wait=False):
        pass
