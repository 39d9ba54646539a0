"""A finished run on images stays finished though its name had no content, if nothing changed."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nullfit.config import content, identity
from nullfit.results import earlier
from nullfit.tasks.train.task import train

Command = Callable[..., Path]
TINY = ("logger=csv", "trainer.progress=false", "trainer.max_epochs=1", "data.crop=null")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for split in ("train", "test"):
        for label in "ab":
            path = tmp_path / "images" / split / label / "1.png"
            path.parent.mkdir(parents=True)
            Image.fromarray(np.full((4, 4), ord(label), np.uint8)).save(path)
    return tmp_path / "images"


@pytest.fixture
def command(make_config, images: Path) -> Command:
    """Carries out the run in a process of its own, as far as one can tell; returns its folder."""

    def command(*overrides: str) -> Path:
        content.image_files.cache_clear()
        earlier._read_as_then.cache_clear()
        earlier._has_transparency.cache_clear()
        config = make_config(
            "data=image_folder", "model.hidden=[4]", f"data.root={images}", *TINY, *overrides
        )
        folder = Path(config.outputs) / config.study / config.job
        train(config, folder)
        return folder

    return command


@pytest.fixture
def before(command: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the run as an earlier version named it."""
    with monkeypatch.context() as then:
        then.setattr(identity, "content_of", lambda data: None)
        return command()


def test_what_was_finished_on_the_same_images_is_not_run_again(
    command: Command, before: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    now = command()
    assert now.name != before.name
    assert not now.exists()
    assert f"finished before, nothing to do ({before})" in capsys.readouterr().out
    assert command("seed=1").exists()


def add(images: Path) -> None:
    (images / "train" / "a" / "2.png").write_bytes((images / "train" / "b" / "1.png").read_bytes())


def replace_keeping_size_and_time(images: Path) -> None:
    path = images / "train" / "a" / "1.png"
    status = path.stat()
    path.write_bytes(path.read_bytes())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def remove(images: Path) -> None:
    add(images)
    (images / "train" / "a" / "2.png").unlink()


@pytest.mark.parametrize("change", [add, replace_keeping_size_and_time, remove])
def test_what_may_have_changed_since_is(
    command: Command, before: Path, images: Path, change
) -> None:
    time.sleep(0.01)  # the clock of a file system is coarser than that of the machine
    change(images)
    assert (command() / "result.json").exists()


def assert_run_again(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that a version without contents made is another one now."""
    with monkeypatch.context() as then:
        then.setattr(identity, "content_of", lambda data: None)
        before = command()
    now = command()
    assert now != before
    assert (now / "result.json").exists()


def test_what_came_out_black_is(command: Command, images: Path, monkeypatch) -> None:
    for label in "ab":
        deep = np.full((4, 4), 2 * ord(label), np.int32)
        Image.fromarray(deep).save(images / "train" / label / "2.tiff")
    assert_run_again(command, monkeypatch)


def make_transparent(images: Path) -> None:
    for label in "ab":
        shape = Image.new("LA", (4, 4), (0, ord(label)))
        shape.save(images / "train" / label / "2.png")


def leave_thumbnails(images: Path) -> None:
    thumbnail = images / "train" / "a" / "@eaDir" / "1.png"
    thumbnail.parent.mkdir()
    Image.new("L", (4, 4)).save(thumbnail)


@pytest.mark.parametrize("change", [make_transparent, leave_thumbnails])
def test_what_was_read_otherwise_is(command: Command, images: Path, monkeypatch, change) -> None:
    change(images)
    assert_run_again(command, monkeypatch)


@pytest.mark.parametrize("transparent", [False, True])
def test_what_lost_its_shapes_under_the_same_name_is_run_again(
    command: Command, images: Path, capsys, transparent: bool
) -> None:
    if transparent:
        make_transparent(images)
    folder = command()
    settings = folder / "config.yaml"
    settings.write_text(settings.read_text().replace("  background: white\n", ""))
    capsys.readouterr()
    assert command() == folder
    assert ("finished before" in capsys.readouterr().out) != transparent
    assert ("background: white" in settings.read_text()) == transparent
    command()
    assert "finished before" in capsys.readouterr().out
