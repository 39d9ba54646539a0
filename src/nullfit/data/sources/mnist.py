"""`data=mnist`: 60,000 + 10,000 handwritten digits, 28×28×1."""

from nullfit.data.image_set import Dataset
from nullfit.data.sources.idx_files import read_idx_files


def mnist(*, root: str, download: bool, cache: str | None) -> Dataset:
    """MNIST (LeCun, Cortes & Burges 1998) from ``root/MNIST/raw``.

    Raises:
        UserError: files are missing or damaged, or cannot be fetched.
    """
    return read_idx_files("mnist", "MNIST", root=root, download=download, cache=cache)
