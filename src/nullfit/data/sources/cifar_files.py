"""CIFAR-10 and CIFAR-100: pickles, which run code when opened, so their hashes come first.

What protects what:

- Bytes are read once; those whose SHA-256 equals the published one are unpickled, and no others.
  So it does not matter who can write to the folder meanwhile.
- The unpickler knows what arrays of numbers are made of and nothing else. It would refuse code even
  where the hash were that of a file with code.
- Nothing of an archive is unpacked to a place that the archive names.
- The cache of decoded images holds no pickle at all, and is gone through only where the files have
  not changed since they were decoded.
"""

import io
import pickle
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.integrity import damaged, require_digest, verified
from nullfit.data.sources.torchvision_files import read_files
from nullfit.system.files import appearing

_ARRAYS = {("_codecs", "encode"), ("numpy", "ndarray"), ("numpy", "dtype")}
_ARRAY_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")


@dataclass(frozen=True)
class CifarFiles:
    """What one of the two sets consists of.

    ``train``, ``test`` and ``meta`` are the names of pickles in ``folder``; ``labels`` and
    ``classes`` the keys that hold labels and the names of classes. ``sha256`` are the published
    hashes of those pickles; where it is empty they are read from ``archive``.
    """

    name: str
    kind: str  # torchvision's name
    folder: str
    train: Sequence[str]
    test: Sequence[str]
    meta: str
    labels: str
    classes: str
    archive: str
    archive_sha256: str
    sha256: Mapping[str, str]

    @property
    def pickles(self) -> list[str]:
        """The names of all pickles."""
        return [*self.train, *self.test, self.meta]

    @property
    def needed(self) -> list[str]:
        """The files that the set is read from, relative to ``data.root``."""
        if self.sha256:
            return [f"{self.folder}/{file}" for file in self.pickles]
        return [self.archive]


def read_cifar_files(files: CifarFiles, *, root: str, download: bool, cache: str | None) -> Dataset:
    """A data set from its pickles under ``root``.

    Raises:
        UserError: see `read_files`; also where a file is not the one that was published.
    """
    return read_files(
        files.name,
        files.needed,
        root=root,
        download=download,
        cache=cache,
        fetch=partial(_fetch, files),
        read=partial(_read, files),
    )


def _fetch(files: CifarFiles, root: Path) -> None:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415

    published, tools = getattr(torchvision.datasets, files.kind), torchvision.datasets.utils
    archive = root / files.archive
    tools.download_url(published.url, root, files.archive, published.tgz_md5)
    require_digest(archive, "sha256", files.archive_sha256, files.name)
    if files.sha256:
        contents = _archived(files, root)
        for file in files.pickles:
            with appearing(root / files.folder / file) as temporary:
                temporary.write_bytes(contents(file))


def _read(files: CifarFiles, root: Path) -> Dataset:
    content = partial(_unpacked, files, root) if files.sha256 else _archived(files, root)
    opened = {file: _plain(content(file), files.name, root / file) for file in files.pickles}
    try:
        classes = tuple(map(str, opened[files.meta][files.classes]))
        train, test = (
            _split(files, [opened[file] for file in part], classes, root)
            for part in (files.train, files.test)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(files.name, root / files.folder, f"it lacks {error}") from error
    return Dataset(files.name, train, test)


def _unpacked(files: CifarFiles, root: Path, file: str) -> bytes:
    return verified(root / files.folder / file, files.sha256[file], files.name)


def _archived(files: CifarFiles, root: Path) -> Callable[[str], bytes]:
    """What gives the pickles in the archive; it is unpacked in memory."""
    path = root / files.archive
    content = verified(path, files.archive_sha256, files.name)

    def member(file: str) -> bytes:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            found = archive.extractfile(f"{files.folder}/{file}")
            if found is None:
                raise damaged(files.name, path, f"it holds no file {files.folder}/{file}")
            return found.read()

    return member


def _split(
    files: CifarFiles, batches: Sequence[Mapping[str, Any]], classes: tuple[str, ...], root: Path
) -> ImageSet:
    pixels = np.concatenate([batch["data"] for batch in batches]).reshape(-1, 3, 32, 32)
    labels = [label for batch in batches for label in batch[files.labels]]
    return ImageSet(
        torch.from_numpy(np.ascontiguousarray(pixels, np.uint8)),
        torch.tensor(labels, dtype=torch.int64),
        classes,
        str(root / files.folder),
    )


def _plain(content: bytes, name: str, path: Path) -> Mapping[str, Any]:
    try:
        opened = _Unpickler(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # a pickle is a program: it fails in its own ways
        raise damaged(name, path, str(error)) from error
    if not isinstance(opened, dict):
        raise damaged(name, path, "it holds no table")
    return opened


class _Unpickler(pickle.Unpickler):
    """Knows arrays, besides the plain values that need no name."""

    def find_class(self, module: str, name: str) -> Any:
        is_array = module in _ARRAY_MODULES and name == "_reconstruct"
        if not is_array and (module, name) not in _ARRAYS:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, which is no part of an array"
            )
        return super().find_class(module, name)
