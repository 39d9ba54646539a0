"""MNIST and the sets published in its format: four IDX files (header, then bytes)."""

import math
from functools import partial
from pathlib import Path

import torch

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.integrity import damaged
from nullfit.data.sources.torchvision_files import read_files

_PARTS = {"train": "train", "test": "t10k"}
_IMAGES, _LABELS = "{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"


def read_idx_files(
    name: str, kind: str, *, root: str, download: bool, cache: str | None
) -> Dataset:
    """The data set that torchvision calls ``kind``, from ``root/<kind>/raw``.

    Raises:
        UserError: see `read_files`; also where a file is cut off or no IDX file.
    """
    files = [
        f"{kind}/raw/{file.format(part)}" for part in _PARTS.values() for file in (_IMAGES, _LABELS)
    ]
    return read_files(
        name,
        files,
        root=root,
        download=download,
        cache=cache,
        fetch=partial(_fetch, kind),
        read=partial(_read, name, kind),
    )


def _fetch(kind: str, root: Path) -> None:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415

    getattr(torchvision.datasets, kind)(root, download=True)


def _read(name: str, kind: str, root: Path) -> Dataset:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415

    names = tuple(getattr(torchvision.datasets, kind).classes)
    classes = tuple("0123456789") if kind == "MNIST" else names
    folder = root / kind / "raw"
    splits = []
    for part in _PARTS.values():
        images, labels = folder / _IMAGES.format(part), folder / _LABELS.format(part)
        # torchvision's reader checks neither the length nor that the numbers of samples agree.
        if _require_idx(images, 3, name) != (samples := _require_idx(labels, 1, name)):
            raise damaged(
                name, images, f"it does not hold as many images as {labels.name} labels, {samples}"
            )
        pixels = torchvision.datasets.mnist.read_image_file(str(images))
        targets = torchvision.datasets.mnist.read_label_file(str(labels))
        splits.append(ImageSet(pixels.unsqueeze(1), targets.to(torch.int64), classes, str(folder)))
    return Dataset(name, *splits)


def _require_idx(path: Path, dimensions: int, name: str) -> int:
    """Check header and length of a file of bytes; return the number of samples."""
    header = 4 + 4 * dimensions
    with path.open("rb") as file:
        start = file.read(header)
    if len(start) < header or start[:4] != bytes([0, 0, 8, dimensions]):
        raise damaged(
            name, path, f"it does not start like an IDX file of {dimensions} dimension(s)"
        )
    sizes = [int.from_bytes(start[at : at + 4], "big") for at in range(4, header, 4)]
    expected, actual = header + math.prod(sizes), path.stat().st_size
    if actual != expected:
        raise damaged(name, path, f"it has {actual:,} bytes, its header says {expected:,}")
    if not expected > header:
        raise damaged(name, path, "it holds no samples")
    return sizes[0]
