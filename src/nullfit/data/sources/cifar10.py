"""`data=cifar10`: 50,000 + 10,000 colour photographs of ten classes, 32×32×3."""

from nullfit.data.image_set import Dataset
from nullfit.data.sources.cifar_files import CifarFiles, read_cifar_files

_FILES = CifarFiles(
    name="cifar10",
    kind="CIFAR10",
    folder="cifar-10-batches-py",
    train=[f"data_batch_{number}" for number in range(1, 6)],
    test=["test_batch"],
    meta="batches.meta",
    labels="labels",
    classes="label_names",
    archive="cifar-10-python.tar.gz",
    archive_sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    sha256={
        "data_batch_1": "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd",
        "data_batch_2": "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8",
        "data_batch_3": "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9",
        "data_batch_4": "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b",
        "data_batch_5": "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154",
        "test_batch": "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831",
        "batches.meta": "f962466ef690d46b226450fb9aadc74ba4bc64a76aa526b5827fe4bc5c7125cb",
    },
)


def cifar10(*, root: str, download: bool, cache: str | None) -> Dataset:
    """CIFAR-10 (Krizhevsky 2009) from ``root/cifar-10-batches-py``.

    Raises:
        UserError: files are missing or not the original ones, or cannot be fetched.
    """
    return read_cifar_files(_FILES, root=root, download=download, cache=cache)
