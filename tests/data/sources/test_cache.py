import logging
import os
from pathlib import Path

import pytest
import torch

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.cache import _warn_homeless, cached


class Source:
    """A folder of files, and how often it was decoded."""

    def __init__(self, root: Path) -> None:
        self.root, self.cache, self.decoded = root / "source", root / "cache", 0
        self.root.mkdir()
        (self.root / "a").write_bytes(b"1")
        (self.root / "b").write_bytes(b"2")

    def dataset(self) -> Dataset:
        self.decoded += 1
        images = torch.arange(3 * 4, dtype=torch.uint8).view(3, 1, 2, 2) + self.decoded
        labels = torch.tensor([0, 1, 0])
        train, test = (ImageSet(images + i, labels, ("é", "b"), f"split {i}") for i in (0, 9))
        return Dataset("toy", train, test)

    def read(self, size: int | None = None, decoder: str = "v1") -> Dataset:
        files = sorted(self.root.iterdir())
        folder = str(self.cache)
        return cached("toy", {"size": size}, self.root, files, folder, decoder, self.dataset)

    def entries(self) -> list[Path]:
        return sorted(self.cache.iterdir())


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def test_the_second_read_decodes_nothing_and_gives_the_same(source: Source) -> None:
    first, second = source.read(), source.read()
    assert source.decoded == 1
    assert second.name == "toy"
    for one, other in ((first.train, second.train), (first.test, second.test)):
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.labels, other.labels)
        assert one.images.dtype == other.images.dtype
        assert (one.classes, one.source) == (other.classes, other.source)
    assert [entry.suffix for entry in source.entries()] == [".safetensors"]


def grow(root: Path) -> None:
    status = (root / "a").stat()
    (root / "a").write_bytes(b"11")
    os.utime(root / "a", ns=(status.st_atime_ns, status.st_mtime_ns))


def touch(root: Path) -> None:
    status = (root / "a").stat()
    os.utime(root / "a", ns=(status.st_atime_ns, status.st_mtime_ns + 1))


def add(root: Path) -> None:
    (root / "c").write_bytes(b"")


def remove(root: Path) -> None:
    (root / "b").unlink()


def rename(root: Path) -> None:
    (root / "b").rename(root / "z")


@pytest.mark.parametrize("change", [grow, touch, add, remove, rename])
def test_a_changed_source_is_noticed_and_its_old_entry_removed(source: Source, change) -> None:
    source.read()
    (old,) = source.entries()
    change(source.root)
    assert source.read().train.images[0, 0, 0, 0] == 2
    assert source.decoded == 2
    (new,) = source.entries()
    assert new != old


def test_settings_have_entries_of_their_own(source: Source) -> None:
    source.read(size=32)
    source.read(size=64)
    source.read(size=32)
    assert source.decoded == 2
    assert len(source.entries()) == 2


def test_another_decoder_decodes_anew(source: Source) -> None:
    source.read()
    source.read(decoder="v2")
    assert source.decoded == 2
    assert len(source.entries()) == 1


def flip_last_byte(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    "damage",
    [flip_last_byte, lambda _: b"", lambda content: content[:-5], lambda _: b"\xff" * 400],
    ids=["flipped bit", "empty", "cut off", "garbage"],
)
def test_a_damaged_entry_is_made_anew(
    source: Source, damage, caplog: pytest.LogCaptureFixture
) -> None:
    source.read()
    (entry,) = source.entries()
    entry.write_bytes(damage(entry.read_bytes()))
    with caplog.at_level(logging.INFO):
        source.read()
    assert source.decoded == 2
    assert "damaged" in caplog.text
    assert all(record.levelno == logging.INFO for record in caplog.records)
    source.read()
    assert source.decoded == 2


def test_an_unwritable_folder_is_a_warning(
    source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    source.cache.write_text("a file where the folder should be")
    assert len(source.read().train) == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"data.cache={source.cache}" in caplog.text


def test_a_write_that_fails_leaves_nothing(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    assert len(source.read().train) == 3
    assert source.entries() == []


def test_without_a_folder_the_users_is_taken(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "users"))
    cached("toy", {}, source.root, [], None, "v1", source.dataset)
    assert len(list((tmp_path / "users").iterdir())) == 1


@pytest.mark.parametrize("folder", [None, "~/cache"])
def test_a_user_without_a_home_has_no_cache_and_one_warning(
    source: Source,
    folder: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A container may run under a number that no passwd knows, without HOME."""

    def unknown(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    _warn_homeless.cache_clear()
    before = set(tmp_path.rglob("*"))
    for _ in range(2):
        files = sorted(source.root.iterdir())
        assert len(cached("toy", {}, source.root, files, folder, "v1", source.dataset).train) == 3
    assert source.decoded == 2
    assert set(tmp_path.rglob("*")) == before
    (line,) = [record.getMessage() for record in caplog.records]
    assert "not cached: this user has no home folder (data.cache=" in line
