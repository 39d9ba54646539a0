"""Files appear whole or not at all."""

import errno
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from nullfit.errors import StorageError
from nullfit.system.files import appearing, write_text


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new folder/a.txt"
    write_text(path, "old")

    def write_half() -> None:
        with appearing(path) as temporary:
            temporary.write_text("ne")
            assert path.read_text() == "old"
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_half()
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]
    write_text(path, "new")
    assert path.read_text() == "new"


def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    node = platform.node()
    left, other = (tmp_path / f".a.{pid}@{node}.tmp.txt" for pid in (dead.pid, os.getppid()))
    elsewhere = tmp_path / f".a.{dead.pid}@another-machine.tmp.txt"
    for file in (left, other, elsewhere):
        file.write_text("half")
    write_text(path, "whole")
    assert sorted(tmp_path.iterdir()) == sorted([path, other, elsewhere])


def test_the_content_is_on_the_disk_before_the_name_and_the_name_before_we_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    did = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *given, name=name, real=real: (did.append(name), real(*given))
        )
    write_text(tmp_path / "a.txt", "content")
    assert did == ["fsync", "replace", "fsync"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "No space left on device.\nMake room and start the same command again"),
        (errno.EROFS, "Read-only file system.\nChoose a folder that can be written to"),
    ],
    ids=["full", "read-only"],
)
def test_what_the_disk_refuses_is_told_in_two_lines(tmp_path: Path, number: int, told: str) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def write() -> None:
        with appearing(path) as temporary:
            temporary.write_text("ne")
            raise OSError(number, os.strerror(number))

    with pytest.raises(StorageError) as refused:
        write()
    assert str(refused.value).startswith(f"{path} cannot be written: {told}")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
