"""Decoded data sets, kept between runs in safetensors files: plain numbers, never a pickle.

A file's name has two hashes. The first stands for the data set, its folder and its settings; the
second for the source files as they are now (path, size, time of change) and the software that
decodes them. So a changed source finds no entry, and its old entry is recognized and removed.

A checksum is no signature: an entry of another user, or a link, is neither believed nor removed.
"""

import hashlib
import json
import logging
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from torch import Tensor

from nullfit.console.messages import one_line
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.errors import StorageError, UserError
from nullfit.system.files import appearing
from nullfit.system.reading import open_regular

_LOG = logging.getLogger(__name__)
_FORMAT = 2


def cached(
    name: str,
    settings: Mapping[str, object],
    root: Path,
    files: Iterable[Path | str],
    folder: str | None,
    decoder: str,
    build: Callable[[], Dataset],
) -> Dataset:
    """``build()``, or what it returned when ``files`` were last as they are now.

    ``files`` lie under ``root``; ``settings`` are those that change the outcome; ``decoder`` says
    what software decodes. ``folder`` holds the entries (None: the user's cache folder). A damaged
    entry is built anew, and so is another user's, under a name of one's own. Where the folder
    cannot be written to, or the user has none, a warning is logged, no more.
    """
    where = _folder(folder)
    if where is None:
        _warn_homeless()
        return build()
    key = f"{name}-{_hash(str(root.absolute()), settings)}"
    # Taken before building: a file that changes meanwhile leaves an entry that no one will find.
    entry = where / f"{key}-{_hash(_FORMAT, decoder, _fingerprint(root, files))}.safetensors"
    entry = _of_ones_own(entry)
    found = _read(name, entry)
    if found is not None:
        return found
    dataset = build()
    try:
        _write(dataset, entry)
        for old in where.glob(f"{key}-*.safetensors"):
            if old != entry and _is_mine(old.lstat()):
                old.unlink(missing_ok=True)
    except (OSError, SafetensorError, StorageError) as error:
        reason = str(error).partition("\n")[0]
        _LOG.warning(
            "The decoded images of %s are not cached: %s (data.cache=%s)", name, reason, where
        )
    return dataset


def _folder(given: str | None) -> Path | None:
    """The folder of the entries; None for a user without a home, as containers have them."""
    import platformdirs  # noqa: PLC0415

    try:
        if given:
            return Path(given).expanduser()
        users = Path(platformdirs.user_cache_dir("nullfit", appauthor=False))
    except (RuntimeError, KeyError):
        return None
    return users if users.is_absolute() else None  # "~/.cache" in some versions of platformdirs


@cache  # once in a process
def _warn_homeless() -> None:
    _LOG.warning(
        "Decoded images are not cached: this user has no home folder (data.cache=<folder>)"
    )


def _hash(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=8).hexdigest()


def _fingerprint(root: Path, files: Iterable[Path | str]) -> str:
    """One hash over path, size and time of change of every file."""
    digest = hashlib.blake2b(digest_size=16)
    for path in files:
        try:
            status = os.stat(path)
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}.") from error
        line = f"{os.path.relpath(path, root)}\0{status.st_size}\0{status.st_mtime_ns}\n"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _checksum(tensors: Mapping[str, Tensor]) -> str:
    total = 0
    for key in sorted(tensors):
        total = zlib.crc32(tensors[key].numpy().data, total)
    return f"{total:08x}"


def _of_ones_own(entry: Path) -> Path:
    """The entry; under a name with the user's number where something of somebody else's stands."""
    try:
        if _is_mine(entry.lstat()):
            return entry
    except OSError:
        return entry
    _LOG.warning("%s is a link or another user's, and not used (data.cache)", one_line(entry))
    return entry.with_stem(f"{entry.stem}-{os.getuid()}")


def _is_mine(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid()


def _write(dataset: Dataset, entry: Path) -> None:
    splits = {"train": dataset.train, "test": dataset.test}
    tensors = {f"{key}/images": split.tensor.contiguous() for key, split in splits.items()}
    tensors |= {f"{key}/labels": split.labels.contiguous() for key, split in splits.items()}
    described = {
        "classes": json.dumps(dataset.train.classes),
        "sources": json.dumps({key: split.source for key, split in splits.items()}),
        "notes": json.dumps(dataset.notes),
        "checksum": _checksum(tensors),
    }
    with appearing(entry) as temporary:
        # As arrays: for tensors it refuses two that share memory, which splits may well do.
        arrays = {key: tensor.numpy() for key, tensor in tensors.items()}
        temporary.touch(0o600)
        temporary.chmod(0o600)  # from before there is anything in it
        save_file(arrays, temporary, described)


def _read(name: str, entry: Path) -> Dataset | None:
    try:
        opened = open_regular(entry)
    except (FileNotFoundError, UserError):
        return None
    try:
        if not _is_mine(os.fstat(opened.fileno())):
            return None
        with safe_open(f"/dev/fd/{opened.fileno()}", framework="pt") as file:
            described = file.metadata()
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        if described["checksum"] != _checksum(tensors):
            raise ValueError("wrong checksum")
        classes, sources = tuple(json.loads(described["classes"])), json.loads(described["sources"])
        train, test = (
            ImageSet(tensors[f"{key}/images"], tensors[f"{key}/labels"], classes, sources[key])
            for key in ("train", "test")
        )
        return Dataset(name, train, test, tuple(json.loads(described["notes"])))
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        _LOG.info("The cached images in %s are damaged (%s) and are made anew.", entry, error)
        return None
    finally:
        opened.close()
