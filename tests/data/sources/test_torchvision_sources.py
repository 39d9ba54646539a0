"""The sets that torchvision knows, read from tiny files in their real formats."""

import gzip
import hashlib
import os
import pickle
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import scipy.io
import torch

from nullfit.data import Dataset, cifar10, cifar100, fashion_mnist, mnist, svhn
from nullfit.data.sources import idx_files
from nullfit.data.sources.cifar_files import CifarFiles
from nullfit.errors import UserError
from nullfit.system.ecosystem import torchvision

datasets = torchvision.datasets
Source = Callable[..., Dataset]
RANDOM = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise URLError("no network in tests")

    monkeypatch.setattr("urllib.request.urlopen", refuse)


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def read(source: Source, root: Path, download: bool = False) -> Dataset:
    return source(root=str(root), download=download, cache=str(root.parent / "cache"))


def write_idx(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    path.write_bytes(bytes([0, 0, 8, values.ndim]) + sizes + values.tobytes())


def write_mnist(root: Path, kind: str = "MNIST") -> dict[str, np.ndarray]:
    written = {}
    for part, count in (("train", 20), ("t10k", 10)):
        written[part] = RANDOM.integers(0, 256, (count, 28, 28), np.uint8)
        write_idx(root / kind / "raw" / f"{part}-images-idx3-ubyte", written[part])
        labels = np.arange(count, dtype=np.uint8) % 10
        write_idx(root / kind / "raw" / f"{part}-labels-idx1-ubyte", labels)
    return written


def trust_mnist(root: Path, monkeypatch: pytest.MonkeyPatch, kind: str = "MNIST") -> Path:
    """Make the files under ``root`` the published ones; returns their folder."""
    folder = root / kind / "raw"
    digests = {path.name: md5(path) for path in folder.iterdir()}
    monkeypatch.setitem(idx_files.PUBLISHED, kind, digests)
    return folder


def pack(path: Path) -> None:
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))


def pickled(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(content))


def archive(folder: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz") as tar:
        tar.add(folder, folder.name)


def cifar_batch(count: int, label_key: str, classes: int) -> dict[str, Any]:
    data = RANDOM.integers(0, 256, (count, 3072), np.uint8)
    return {"data": data, label_key: [index % classes for index in range(count)]}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def trust(source: Source, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the hashes of the files under ``root`` the published ones."""
    module = import_module(f"nullfit.data.sources.{source.__name__}")
    files: CifarFiles = module._FILES
    folder = root / files.folder
    hashes = {file: sha256(folder / file) for file in files.sha256}
    packed = sha256(root / files.archive) if (root / files.archive).exists() else ""
    monkeypatch.setattr(module, "_FILES", replace(files, sha256=hashes, archive_sha256=packed))


@pytest.fixture
def cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, Any]]:
    """CIFAR-10 of 5×4 training and 10 test images."""
    root = tmp_path / "data"
    folder = root / "cifar-10-batches-py"
    batches = {f"data_batch_{number}": cifar_batch(4, "labels", 10) for number in range(1, 6)}
    batches["test_batch"] = cifar_batch(10, "labels", 10)
    for file, batch in batches.items():
        pickled(folder / file, batch)
    pickled(folder / "batches.meta", {"label_names": [f"class {number}" for number in range(10)]})
    trust(cifar10, root, monkeypatch)
    return root, batches


@pytest.mark.parametrize(("source", "kind"), [(mnist, "MNIST"), (fashion_mnist, "FashionMNIST")])
@pytest.mark.parametrize("packed", ["neither", "instead", "beside"])
def test_idx_files_are_read(
    source: Source, kind: str, packed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write_mnist(tmp_path / "data", kind)
    for path in sorted(trust_mnist(tmp_path / "data", monkeypatch, kind).iterdir()):
        if packed != "neither":
            pack(path)
        if packed == "instead":
            path.unlink()
        elif packed == "beside":  # unpacking was interrupted
            cut_off(path)
    for _ in ("from the files", "from the cache"):
        data = read(source, tmp_path / "data")
        assert data.name == source.__name__
        assert data.train.images.dtype == torch.uint8
        assert np.array_equal(data.train.images[:, 0].numpy(), written["train"])
        assert np.array_equal(data.test.images[:, 0].numpy(), written["t10k"])
        assert data.train.labels.tolist() == [*range(10), *range(10)]
        assert data.train.classes[9] == ("9" if kind == "MNIST" else "Ankle boot")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def compressed(path: Path) -> None:
    path.write_bytes(b"\x1f\x8b" + path.read_bytes())


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("file", ["t10k-images-idx3-ubyte", "train-labels-idx1-ubyte"])
@pytest.mark.parametrize("damage", [cut_off, compressed, emptied])
def test_a_damaged_idx_file_is_named(
    damage: Callable[[Path], None], file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "data")
    damage(trust_mnist(tmp_path / "data", monkeypatch) / file)
    with pytest.raises(
        UserError, match=rf"(?s)data=mnist: .*{file} is damaged.*data\.download=true"
    ):
        read(mnist, tmp_path / "data")


def test_a_part_of_the_set_is_not_the_set(tmp_path: Path) -> None:
    write_mnist(tmp_path / "data")
    with pytest.raises(
        UserError,
        match=r"(?s)train-images-idx3-ubyte is not MNIST's .*: it holds 20 samples, the original "
        r"60,000\..*data=image_folder",
    ):
        read(mnist, tmp_path / "data")


def test_another_set_in_the_place_of_the_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "data", "FashionMNIST")
    folder = trust_mnist(tmp_path / "data", monkeypatch, "FashionMNIST")
    shutil.copytree(folder, tmp_path / "data" / "MNIST" / "raw")
    with pytest.raises(
        UserError,
        match=r"(?s)is FashionMNIST's train-images-idx3-ubyte, not MNIST's .*data=fashion_mnist",
    ):
        read(mnist, tmp_path / "data")


def test_other_content_of_the_same_size_is_not_the_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "data")
    folder = trust_mnist(tmp_path / "data", monkeypatch)
    monkeypatch.setattr(idx_files, "_SAMPLES", {"train": 20, "t10k": 10})
    assert len(read(mnist, tmp_path / "data").train) == 20
    write_idx(folder / "t10k-images-idx3-ubyte", np.zeros((10, 28, 28), np.uint8))
    with pytest.raises(UserError, match="has the original's size and other content"):
        read(mnist, tmp_path / "data")  # not from the cache either
    write_idx(folder / "t10k-images-idx3-ubyte", np.zeros((10, 20, 28), np.uint8))
    with pytest.raises(UserError, match="its images are 20×28, the original's 28×28"):
        read(mnist, tmp_path / "data")


def test_cifar10_is_read(cifar: tuple[Path, dict[str, Any]]) -> None:
    root, batches = cifar
    for _ in ("from the files", "from the cache"):
        data = read(cifar10, root)
        assert data.train.shape == (3, 32, 32)
        first = batches["data_batch_1"]["data"][0].reshape(3, 32, 32)
        assert np.array_equal(data.train.images[0].numpy(), first)
        assert data.train.labels.tolist() == [0, 1, 2, 3] * 5
        assert data.test.labels.tolist() == list(range(10))
        assert data.test.classes[0] == "class 0"


def test_cifar100_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "cifar-100-python"
    pickled(folder / "train", cifar_batch(100, "fine_labels", 100))
    pickled(folder / "test", cifar_batch(100, "fine_labels", 100))
    pickled(folder / "meta", {"fine_label_names": [f"class {number}" for number in range(100)]})
    archive(folder, tmp_path / "data" / "cifar-100-python.tar.gz")
    shutil.rmtree(folder)
    trust(cifar100, tmp_path / "data", monkeypatch)
    data = read(cifar100, tmp_path / "data")
    assert not folder.exists()  # nothing is unpacked
    assert (len(data.train), len(data.train.classes)) == (100, 100)
    assert data.test.labels.tolist() == list(range(100))


class CreatesFile:
    """Unpickling this creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("file", ["data_batch_1", "data_batch_3", "test_batch", "batches.meta"])
@pytest.mark.parametrize("read_before", [False, True])
def test_a_tampered_pickle_is_never_opened(
    file: str, read_before: bool, cifar: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    root, _ = cifar
    if read_before:
        read(cifar10, root)
    trap = tmp_path / "opened"
    path = root / "cifar-10-batches-py" / file
    pickled(path, CreatesFile(trap))
    with pytest.raises(
        UserError, match=rf"(?s){file} is damaged or not the original.* SHA-256 is .*"
    ):
        read(cifar10, root)
    assert not trap.exists()
    pickle.loads(path.read_bytes())  # the trap does work
    assert trap.exists()


@pytest.mark.parametrize("asks", ["os.mkdir", "builtins.eval", "numpy.load", "numpy.core.os"])
def test_a_pickle_with_code_is_refused_whatever_its_hash(
    asks: str, cifar: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, trap = cifar[0], tmp_path / "opened"
    module, _, name = asks.rpartition(".")
    path = root / "cifar-10-batches-py" / "data_batch_1"
    path.write_bytes(f"c{module}\n{name}\n(V{trap}\ntR.".encode())
    trust(cifar10, root, monkeypatch)
    with pytest.raises(UserError, match=rf"(?s)damaged .*it asks for {asks}, which is no part"):
        read(cifar10, root)
    assert not trap.exists()


def test_the_bytes_that_were_hashed_are_the_ones_that_are_opened(
    cifar: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone who changes a file right after it was looked at comes too late."""
    root, trap = cifar[0], tmp_path / "opened"
    content = Path.read_bytes

    def changed_once_read(path: Path) -> bytes:
        found = content(path)
        pickled(path, CreatesFile(trap))
        return found

    monkeypatch.setattr(Path, "read_bytes", changed_once_read)
    assert len(read(cifar10, root).train) == 20
    assert not trap.exists()
    with pytest.raises(UserError, match="SHA-256"):
        read(cifar10, root)


def test_an_archive_is_unpacked_only_if_it_is_the_published_one(
    cifar: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, new = cifar[0], tmp_path / "new"
    downloaded = new / datasets.CIFAR10.filename
    archive(root / "cifar-10-batches-py", downloaded)
    monkeypatch.setattr(datasets.CIFAR10, "tgz_md5", md5(downloaded))
    with pytest.raises(UserError, match=r"cifar-10-python\.tar\.gz is damaged .* SHA256 is"):
        read(cifar10, new, download=True)
    assert not (new / "cifar-10-batches-py").exists()
    module = import_module("nullfit.data.sources.cifar10")
    trusted = replace(module._FILES, archive_sha256=sha256(downloaded))
    monkeypatch.setattr(module, "_FILES", trusted)
    assert len(read(cifar10, new, download=True).train) == 20


@pytest.mark.parametrize("member", ["../escaped", "/tmp/nullfit-escaped", "link"])
def test_an_archive_writes_nothing_outside_its_folder(
    member: str, cifar: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, new = cifar[0], tmp_path / "new"
    downloaded = new / datasets.CIFAR10.filename
    new.mkdir()
    with tarfile.open(downloaded, "w:gz") as tar:
        for file in import_module("nullfit.data.sources.cifar10")._FILES.pickles:
            tar.add(root / "cifar-10-batches-py" / file, f"cifar-10-batches-py/{file}")
        extra = tarfile.TarInfo(f"cifar-10-batches-py/{member}" if member != "link" else member)
        extra.type, extra.linkname = (tarfile.SYMTYPE, "../..") if member == "link" else (b"0", "")
        tar.addfile(extra)
    monkeypatch.setattr(datasets.CIFAR10, "tgz_md5", md5(downloaded))
    module = import_module("nullfit.data.sources.cifar10")
    trusted = replace(module._FILES, archive_sha256=sha256(downloaded))
    monkeypatch.setattr(module, "_FILES", trusted)
    assert len(read(cifar10, new, download=True).train) == 20
    written = {path.name for path in new.iterdir()}
    assert written == {downloaded.name, "cifar-10-batches-py"}
    assert not (new / "escaped").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"new", "data", "cache"}


@pytest.fixture
def svhn_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "data"
    root.mkdir()
    trusted = {}
    for split, count in (("train", 20), ("test", 10)):
        file = root / f"{split}_32x32.mat"
        images = np.zeros((32, 32, 3, count), np.uint8)
        images[5, 7, 2] = np.arange(count)
        labels = (np.arange(count) % 10 + 1).astype(np.uint8)[:, None]  # the digit 0 has label 10
        scipy.io.savemat(file, {"X": images, "y": labels})
        trusted[split] = ["http://localhost/", file.name, md5(file)]
    monkeypatch.setattr(datasets.SVHN, "split_list", datasets.SVHN.split_list | trusted)
    return root


def test_svhn_is_read(svhn_root: Path) -> None:
    data = read(svhn, svhn_root)
    assert data.train.images.shape == (20, 3, 32, 32)
    assert data.train.images[:, 2, 5, 7].tolist() == list(range(20))
    assert data.test.labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert torch.equal(read(svhn, svhn_root).train.images, data.train.images)


def test_a_damaged_svhn_file_is_named(svhn_root: Path) -> None:
    cut_off(svhn_root / "test_32x32.mat")
    with pytest.raises(UserError, match=r"data=svhn: .*test_32x32\.mat is damaged"):
        read(svhn, svhn_root)


SOURCES = [mnist, fashion_mnist, cifar10, cifar100, svhn]


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_missing_is_named_and_how_to_get_it(source: Source, tmp_path: Path) -> None:
    name = source.__name__
    with pytest.raises(
        UserError, match=rf"(?s)data={name}: not found in data\.root={tmp_path}.*"
    ) as error:
        read(source, tmp_path)
    message = str(error.value)
    assert "data.download=true" in message
    assert ("train" in message) or ("data_batch_1" in message) or ("cifar-100" in message)
    assert len(message.splitlines()) == 2


def test_only_missing_files_are_named(tmp_path: Path) -> None:
    write_mnist(tmp_path / "data")
    (tmp_path / "data" / "MNIST" / "raw" / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(UserError, match=r"MNIST/raw/train-labels-idx1-ubyte\.\nRun"):
        read(mnist, tmp_path / "data")


@pytest.mark.parametrize("source", SOURCES)
def test_no_network_is_a_clear_error(source: Source, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"(?s)the download failed: .*no network in tests.*by hand"):
        read(source, tmp_path / "data", download=True)


@pytest.mark.parametrize("source", SOURCES)
def test_an_unwritable_root_is_a_clear_error(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(
        UserError, match=r"cannot write to data\.root=.*file.data: .*\nSet data\.root"
    ):
        source(root=str(tmp_path / "file" / "data"), download=True, cache=str(tmp_path / "cache"))


def test_a_forbidden_root_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # a superuser may write anywhere
    with pytest.raises(UserError, match=r"cannot write to data\.root=.*: permission denied"):
        read(mnist, tmp_path, download=True)
