"""MNIST and the sets published in its format: four IDX files (header, then bytes).

Files of other content have the same names (Fashion-MNIST, KMNIST, a part of MNIST), so only the
published ones are taken, packed by gzip or not.
"""

import gzip
import hashlib
import math
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import torch

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.integrity import damaged
from nullfit.data.sources.torchvision_files import read_files
from nullfit.errors import UserError

_PARTS = {"train": "train", "test": "t10k"}
_IMAGES, _LABELS = "{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"
_GZIP = b"\x1f\x8b"
_MOST_BYTES = 2**28
# MD5 of the published files, unpacked, by torchvision's name of the set.
PUBLISHED = {
    "MNIST": {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    },
    "FashionMNIST": {
        "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
    },
}
_OPTIONS = {"MNIST": "mnist", "FashionMNIST": "fashion_mnist"}
_SAMPLES = {"train": 60_000, "t10k": 10_000}


def read_idx_files(
    name: str, kind: str, *, root: str, download: bool, cache: str | None
) -> Dataset:
    """The data set that torchvision calls ``kind``, from ``root/<kind>/raw``.

    Raises:
        UserError: see `read_files`; also where a file is not the published one.
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
        packed=".gz",
    )


def _fetch(kind: str, root: Path) -> None:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415

    getattr(torchvision.datasets, kind)(root, download=True)


def _read(name: str, kind: str, root: Path) -> Dataset:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415

    names = tuple(getattr(torchvision.datasets, kind).classes)
    classes = tuple("0123456789") if kind == "MNIST" else names
    folder = root / kind / "raw"
    splits = {}
    for split, part in _PARTS.items():
        pixels = torch.from_numpy(_published(name, kind, folder / _IMAGES.format(part), 3))
        labels = torch.from_numpy(_published(name, kind, folder / _LABELS.format(part), 1))
        splits[split] = ImageSet(pixels.unsqueeze(1), labels.long(), classes, str(folder))
    return Dataset(name, splits["train"], splits["test"])


def _published(name: str, kind: str, path: Path, dimensions: int) -> np.ndarray:
    """The bytes of a file, if it or the packed one beside it is the published one."""
    packed = path.with_name(f"{path.name}.gz")
    refusals = []
    for there in filter(Path.is_file, (path, packed)):
        try:
            content = _unpacked(name, there)
            values = _idx_values(name, there, content, dimensions)
        except UserError as error:
            refusals.append(error)
            continue
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if digest == PUBLISHED[kind][path.name]:
            return values
        refusals.append(_another(name, kind, there, path.name, digest, values.shape))
    raise refusals[0]


def _unpacked(name: str, path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    try:
        with gzip.open(path) if packed else path.open("rb") as opened:
            content = opened.read(_MOST_BYTES)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise damaged(name, path, f"it cannot be unpacked: {error}") from error
    return content


def _idx_values(name: str, path: Path, content: bytes, dimensions: int) -> np.ndarray:
    """The values after the header, which says how many there are along each dimension."""
    header = 4 + 4 * dimensions
    if len(content) < header or content[:4] != bytes([0, 0, 8, dimensions]):
        raise damaged(
            name, path, f"it does not start like an IDX file of {dimensions} dimension(s)"
        )
    sizes = [int.from_bytes(content[at : at + 4], "big") for at in range(4, header, 4)]
    expected = header + math.prod(sizes)
    if len(content) != expected:
        raise damaged(name, path, f"it has {len(content):,} bytes, its header says {expected:,}")
    if not expected > header:
        raise damaged(name, path, "it holds no samples")
    return np.frombuffer(bytearray(content), np.uint8, offset=header).reshape(sizes)


def _another(
    name: str, kind: str, path: Path, file: str, digest: str, shape: tuple[int, ...]
) -> UserError:
    """The error for a sound file of another content, which says what is known of that."""
    part = file.partition("-")[0]
    for other, files in PUBLISHED.items():
        if digest in files.values():
            (its_name,) = (known for known, md5 in files.items() if md5 == digest)
            remedy = f", or use data={_OPTIONS[other]} with {other}'s files in {other}/raw"
            return UserError(
                f"data={name}: {path} is {other}'s {its_name}, not {kind}'s {file}.\n"
                f"Put the original there{remedy if other != kind else ''}."
            )
    if shape[0] != _SAMPLES[part]:
        what = f"it holds {shape[0]:,} samples, the original {_SAMPLES[part]:,}"
    elif len(shape) > 1 and shape[1:] != (28, 28):
        what = f"its images are {shape[1]}×{shape[2]}, the original's 28×28"
    else:
        what = f"it has the original's size and other content (MD5 {digest}), as KMNIST has"
    return UserError(
        f"data={name}: {path} is not {kind}'s {file}: {what}.\nPut the original there (delete this "
        "one, data.download=true); other data are read by data=image_folder or your own function."
    )
