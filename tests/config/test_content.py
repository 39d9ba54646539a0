"""A run on files of the user's own is another one when the files are others."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nullfit.config import content

Job = Callable[..., str]


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    """As each command is a process of its own."""
    yield
    forget()


def forget() -> None:
    content.image_files.cache_clear()
    content._tree.cache_clear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for file in ("train/a/1", "train/a/2", "train/b/1", "test/a/1", "test/b/1"):
        path = tmp_path / "images" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("image")
        os.utime(path, (1, 1))
    return tmp_path / "images"


@pytest.fixture
def job(make_config, root: Path) -> Job:
    """The name of a run's folder, as a new process would find it."""

    def job(*overrides: str) -> str:
        forget()
        return str(make_config("data=image_folder", f"data.root={root}", *overrides).job)

    return job


def add(root: Path) -> None:
    (root / "train" / "a" / "3").write_text("image")


def remove_a_class(root: Path) -> None:
    shutil.rmtree(root / "train" / "b")
    shutil.rmtree(root / "test" / "b")


def rename(root: Path) -> None:
    (root / "test" / "a" / "1").rename(root / "test" / "a" / "0")


def replace_by_as_many_bytes(root: Path) -> None:
    (root / "train" / "a" / "1").write_text("other")


def grow_within_the_same_time(root: Path) -> None:
    (root / "train" / "a" / "1").write_text("larger image")
    os.utime(root / "train" / "a" / "1", (1, 1))


def add_in_a_sub_folder(root: Path) -> None:
    (root / "train" / "a" / "more").mkdir()
    (root / "train" / "a" / "more" / "1").write_text("image")


@pytest.mark.parametrize(
    "change",
    [
        add,
        remove_a_class,
        rename,
        replace_by_as_many_bytes,
        grow_within_the_same_time,
        add_in_a_sub_folder,
    ],
)
def test_a_changed_folder_of_images_is_another_job(job: Job, root: Path, change) -> None:
    before = job()
    assert job() == before
    change(root)
    assert job() != before


def test_what_is_no_sample_does_not_count(job: Job, root: Path) -> None:
    before = job()
    (root / "train" / "README.md").write_text("no class folder")
    (root / "train" / "a" / ".DS_Store").write_text("hidden")
    (root / "notes.txt").write_text("beside the splits")
    (root / "train" / "a").touch()
    assert job() == before


def test_a_copy_with_its_times_in_the_place_of_the_folder_is_the_same(job: Job, root: Path) -> None:
    before = job()
    root.rename(root.parent / "kept")
    shutil.copytree(root.parent / "kept", root)  # as cp -a
    assert job() == before


def test_a_folder_that_cannot_be_listed_crashes_nothing(job: Job, root: Path) -> None:
    whole = job()
    (root / "test" / "a" / "loop").symlink_to(root / "test")
    assert job() != whole
    shutil.rmtree(root)
    assert job() != whole


def test_an_option_of_ones_own_that_reads_a_folder_of_images_counts_too(
    job: Job, root: Path
) -> None:
    before = job("data.name=leaves")
    add(root)
    assert job("data.name=leaves") != before


def test_other_data_do_not_look_into_their_folder(make_config, root: Path) -> None:
    before = make_config(f"data.root={root}").job
    add(root)
    forget()
    assert make_config(f"data.root={root}").job == before


def test_a_folder_in_data_path_counts_by_all_its_files(root: Path) -> None:
    data = {"name": "own", "_target_": "my_data.own", "path": str(root)}
    before = content.content_of(data)
    (root / "notes.txt").write_text("may well be data here")
    forget()
    assert content.content_of(data) not in (None, before)


def test_a_folder_is_listed_once_in_a_process(
    make_config, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget()
    listed, state = [], content._state
    monkeypatch.setattr(content, "_state", lambda *args: listed.append(1) or state(*args))
    jobs = {
        make_config("data=image_folder", f"data.root={root}", f"seed={seed}").job
        for seed in range(3)
    }
    assert (len(jobs), len(listed)) == (3, 1)
    add(root)  # what runs, runs on under its name
    assert make_config("data=image_folder", f"data.root={root}", "seed=0").job in jobs
