"""`data=cifar100`: 50,000 + 10,000 colour photographs of a hundred classes, 32×32×3."""

from nullfit.data.cifar_files import read_cifar_files
from nullfit.data.image_set import Dataset

_ARCHIVE_SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


def cifar100(*, root: str, download: bool, cache: str | None) -> Dataset:
    """CIFAR-100 (Krizhevsky 2009), fine labels, from ``root/cifar-100-python``.

    Raises:
        UserError: files are missing or not the original ones, or cannot be fetched.
    """
    files = [f"cifar-100-python/{file}" for file in ("train", "test", "meta")]
    return read_cifar_files(
        "cifar100", "CIFAR100", files, _ARCHIVE_SHA256, root=root, download=download, cache=cache
    )
