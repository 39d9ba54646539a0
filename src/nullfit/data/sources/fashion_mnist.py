"""`data=fashion_mnist`: 60,000 + 10,000 pictures of clothing, 28×28×1."""

from nullfit.data.image_set import Dataset
from nullfit.data.sources.idx_files import read_idx_files


def fashion_mnist(*, root: str, download: bool, cache: str | None) -> Dataset:
    """Fashion-MNIST (Xiao, Rasul & Vollgraf 2017) from ``root/FashionMNIST/raw``.

    Raises:
        UserError: files are missing or damaged, or cannot be fetched.
    """
    return read_idx_files(
        "fashion_mnist", "FashionMNIST", root=root, download=download, cache=cache
    )
