"""`data=svhn`: 73,257 + 26,032 house numbers photographed from the street, 32×32×3."""

from pathlib import Path

import numpy as np
import torch

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.integrity import require_digest
from nullfit.data.sources.torchvision_files import read_files


def svhn(*, root: str, download: bool, cache: str | None) -> Dataset:
    """SVHN, cropped digits (Netzer et al. 2011), from ``root/{train,test}_32x32.mat``.

    Raises:
        UserError: files are missing or not the original ones, or cannot be fetched.
    """
    return read_files(
        "svhn",
        ["train_32x32.mat", "test_32x32.mat"],
        root=root,
        download=download,
        cache=cache,
        fetch=_fetch,
        read=_read,
    )


def _fetch(root: Path) -> None:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415

    for split in ("train", "test"):
        url, file, md5 = torchvision.datasets.SVHN.split_list[split]
        torchvision.datasets.utils.download_url(url, root, file, md5)


def _read(root: Path) -> Dataset:
    return Dataset("svhn", _split(root, "train"), _split(root, "test"))


def _split(root: Path, split: str) -> ImageSet:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415

    _, file, md5 = torchvision.datasets.SVHN.split_list[split]
    require_digest(root / file, "md5", md5, "svhn")
    opened = torchvision.datasets.SVHN(root, split=split)
    images = torch.from_numpy(np.ascontiguousarray(opened.data))
    labels = torch.from_numpy(opened.labels)
    return ImageSet(images, labels, tuple("0123456789"), str(root / file))
