"""A full disk, a read-only folder, a vanished data set: one clear error, nothing lost."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.reliability.sweeps import write_images

pytestmark = pytest.mark.slow

TINY = ["data.train_limit=200", "trainer.max_epochs=1", "trainer.progress=false", "logger=csv"]
# The first and the third network are small, the second is not.
GRID = ["-m", "model=mlp", "model.hidden=[16],[1500,1500],[17]", *TINY]
_SIZE = 4 * 2**20


def nullfit_run(*arguments: str, largest: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command line; ``largest`` limits the bytes of a file, as a full disk would."""
    return run_command(*arguments, largest=largest)


def mount(*arguments: str) -> bool:
    """Whether this process may, which needs root."""
    if os.geteuid() or not shutil.which("mount"):
        return False
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB; skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount("-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)):
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def assert_one_error(done: subprocess.CompletedProcess[str], reason: str, lines: int) -> None:
    assert "Traceback" not in done.stderr
    assert done.stderr.count(reason) == 1, done.stderr
    told = [line for line in done.stderr.strip().splitlines() if "loading" not in line]
    assert len(told) == lines, done.stderr


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def check_that_the_sweep_goes_on(
    outputs: Path, full: Callable[..., subprocess.CompletedProcess[str]], make_room, reason: str
) -> None:
    command = [*GRID, f"outputs={outputs}"]
    done = full(*command)
    assert done.returncode == 1
    assert_one_error(done, reason, lines=3)
    assert "1 of 3 jobs failed, 1 were not begun" in done.stderr
    (result,) = outputs.glob("default/*/result.json")
    before = files_of(result.parent)
    assert not list(outputs.rglob(".*"))
    make_room()
    again = nullfit_run(*command)
    assert again.returncode == 0, again.stderr
    assert "finished before" in again.stdout
    assert files_of(result.parent) == before
    assert len(list(outputs.glob("default/*/result.json"))) == 3
    assert not list(outputs.glob("default/*/failure.txt"))


def test_a_full_disk_ends_a_sweep_which_goes_on_when_there_is_room(small_disk: Path) -> None:
    def make_room() -> None:
        assert mount("-o", f"remount,size={50 * _SIZE}", str(small_disk))

    outputs = small_disk / "outputs"
    check_that_the_sweep_goes_on(outputs, nullfit_run, make_room, "No space left on device")


@pytest.mark.parametrize(
    ("grid", "code", "named"),
    [(["-m"], 1, "multirun.yaml"), (["-m", "hydra/sweeper=basic"], 1, "new/g"), ([], 2, ".claim")],
    ids=["grid", "grid of Hydra's own sweeper", "single run"],
)
def test_a_disk_that_is_full_before_the_start_is_told_in_two_lines(
    small_disk: Path, grid: list[str], code: int, named: str
) -> None:
    with (small_disk / "rest").open("wb", buffering=0) as rest, suppress(OSError):
        while rest.write(bytes(2**16)):
            pass
    done = nullfit_run(*grid, *TINY, f"outputs={small_disk / 'new'}", "study=g")
    assert done.returncode == code
    assert_one_error(done, f"{named} cannot be written: No space left on device", lines=2)
    assert not list(small_disk.rglob(".claim"))
    if "hydra/sweeper=basic" not in grid:  # it has begun its own file by then
        assert [path.name for path in small_disk.iterdir()] == ["rest"]


def test_a_file_that_may_not_grow_is_told_alike(tmp_path: Path) -> None:
    def full(*command: str) -> subprocess.CompletedProcess[str]:
        return nullfit_run(*command, largest=_SIZE)

    outputs = tmp_path / "outputs"
    check_that_the_sweep_goes_on(outputs, full, lambda: None, "File too large")


def test_a_read_only_folder_is_told_and_finished_runs_can_still_be_asked_for(
    small_disk: Path,
) -> None:
    outputs = [f"outputs={small_disk / 'outputs'}", "logger=csv"]
    small = ["model=mlp", "model.hidden=[16]", *TINY]
    assert nullfit_run(*small, *outputs).returncode == 0
    before = files_of(small_disk)
    assert mount("-o", "remount,ro", str(small_disk))
    done = nullfit_run(*small, "seed=1", *outputs)
    assert done.returncode == 2
    assert_one_error(done, "Read-only file system", lines=2)
    again = nullfit_run(*small, *outputs)
    assert again.returncode == 0, again.stderr
    assert "finished before" in again.stdout
    assert files_of(small_disk) == before


def test_a_data_set_that_vanished_is_told_and_finished_runs_stay(tmp_path: Path) -> None:
    write_images(tmp_path / "images", 120, 60)
    command = [
        *("-m", "model=mlp", "model.hidden=[16]", "data=image_folder", "data.crop=null"),
        *(f"data.root={tmp_path / 'images'}", f"data.cache={tmp_path / 'cache'}"),
        *(f"outputs={tmp_path / 'outputs'}", "trainer.max_epochs=1", "logger=csv"),
    ]
    assert nullfit_run(*command, "seed=0").returncode == 0
    (result,) = (tmp_path / "outputs").glob("default/*/result.json")
    before = files_of(result.parent)
    shutil.rmtree(tmp_path / "images/train")
    done = nullfit_run(*command, "seed=0,1")
    assert done.returncode == 2
    assert_one_error(done, "has no folder train/", lines=2)
    assert files_of(result.parent) == before
