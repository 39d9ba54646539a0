"""`data=cifar10`: 50,000 + 10,000 colour photographs of ten classes, 32×32×3."""

from nullfit.data.cifar_files import read_cifar_files
from nullfit.data.image_set import Dataset

_FILES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta"]
_ARCHIVE_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def cifar10(*, root: str, download: bool, cache: str | None) -> Dataset:
    """CIFAR-10 (Krizhevsky 2009) from ``root/cifar-10-batches-py``.

    Raises:
        UserError: files are missing or not the original ones, or cannot be fetched.
    """
    files = [f"cifar-10-batches-py/{file}" for file in _FILES]
    return read_cifar_files(
        "cifar10", "CIFAR10", files, _ARCHIVE_SHA256, root=root, download=download, cache=cache
    )
