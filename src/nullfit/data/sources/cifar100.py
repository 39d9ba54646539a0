"""`data=cifar100`: 50,000 + 10,000 colour photographs of a hundred classes, 32×32×3."""

from nullfit.data.image_set import Dataset
from nullfit.data.sources.cifar_files import CifarFiles, read_cifar_files

_FILES = CifarFiles(
    name="cifar100",
    kind="CIFAR100",
    folder="cifar-100-python",
    train=["train"],
    test=["test"],
    meta="meta",
    labels="fine_labels",
    classes="fine_label_names",
    archive="cifar-100-python.tar.gz",
    archive_sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    sha256={},  # of the archive alone is it known
)


def cifar100(*, root: str, download: bool, cache: str | None) -> Dataset:
    """CIFAR-100 with its fine labels (Krizhevsky 2009) from ``root/cifar-100-python.tar.gz``.

    Raises:
        UserError: the archive is missing or not the original one, or cannot be fetched.
    """
    return read_cifar_files(_FILES, root=root, download=download, cache=cache)
