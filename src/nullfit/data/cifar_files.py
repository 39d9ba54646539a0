"""CIFAR-10 and CIFAR-100: pickles, which run code when opened, so their hashes come first.

What protects what:

- Every pickle is opened only after its MD5 equals the published one. torchvision checks this when
  it builds its data set; the same check stands here before it, so that it does not rest on
  torchvision's version and the message names the file. MD5 is weak against someone who can make
  *both* files, but no file is known that was made to have the MD5 of another's.
- An archive that was downloaded is unpacked only after its SHA-256 equals the published one too,
  since it came through a network (plain http where https fails).
- The cache of decoded images holds no pickle at all.
"""

from functools import partial
from pathlib import Path
from typing import Any

import torch

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.integrity import require_digest
from nullfit.data.torchvision_files import read_files


def read_cifar_files(
    name: str,
    kind: str,
    files: list[str],
    archive_sha256: str,
    *,
    root: str,
    download: bool,
    cache: str | None,
) -> Dataset:
    """The data set that torchvision calls ``kind``, from its pickled ``files`` under ``root``.

    Raises:
        UserError: see `read_files`; also where a file is not the one that was published.
    """
    return read_files(
        name,
        files,
        root=root,
        download=download,
        cache=cache,
        fetch=partial(_fetch, name, kind, archive_sha256),
        read=partial(_read, name, kind),
    )


def _fetch(name: str, kind: str, archive_sha256: str, root: Path) -> None:
    from nullfit.ecosystem import torchvision  # noqa: PLC0415

    published, tools = getattr(torchvision.datasets, kind), torchvision.datasets.utils
    tools.download_url(published.url, root, published.filename, published.tgz_md5)
    require_digest(root / published.filename, "sha256", archive_sha256, name)
    tools.extract_archive(root / published.filename, root)


def _read(name: str, kind: str, root: Path) -> Dataset:
    from nullfit.ecosystem import torchvision  # noqa: PLC0415

    published = getattr(torchvision.datasets, kind)
    meta = (published.meta["filename"], published.meta["md5"])
    for file, md5 in (*published.train_list, *published.test_list, meta):
        require_digest(root / published.base_folder / file, "md5", md5, name)
    return Dataset(
        name, _split(published(root, train=True), root), _split(published(root, train=False), root)
    )


def _split(opened: Any, root: Path) -> ImageSet:
    images = torch.from_numpy(opened.data).permute(0, 3, 1, 2).contiguous()
    labels = torch.tensor(opened.targets, dtype=torch.int64)
    return ImageSet(images, labels, tuple(opened.classes), str(root / opened.base_folder))
