"""Sets of images that are missing, damaged or impossible, and models that do not fit them."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.bad_input.conftest import Refuse
from tests.bad_input.files import MNIST, Make, both, images, mnist, picture, written

FOLDER = ["data=image_folder", "data.root=img", "data.crop=null"]
STREAMED = [*FOLDER, "data.streaming=true", "data.workers=0"]
CIFAR = "data/cifar-10-batches-py/"
EVIL = b"cos\nmkdir\n(S'opened'\ntR."  # a pickle that makes a folder


def nothing(_: Path) -> None:
    pass


def truncated(folder: Path) -> None:
    path = folder / "img/train/a/0.png"
    path.write_bytes(path.read_bytes()[:100])


def floating(folder: Path) -> None:
    Image.fromarray(np.zeros((8, 8), np.float32)).save(folder / "img/train/a/x.tiff")


def deep(folder: Path) -> None:
    Image.fromarray(np.full((8, 8), 2**20, np.int32)).save(folder / "img/train/a/x.tiff")


def bomb(folder: Path) -> None:
    Image.new("1", (20000, 20000)).save(folder / "img/train/a/x.png")


def empty_classes(folder: Path) -> None:
    for split in ("train", "test"):
        (folder / "img" / split / "c").mkdir()


def texts_only(folder: Path) -> None:
    empty_classes(folder)
    for split in ("train", "test"):
        (folder / "img" / split / "c/x.txt").write_text("no image")


def cifar(folder: Path) -> None:
    for file in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta"):
        written(CIFAR + file, EVIL)(folder)


def svhn(folder: Path) -> None:
    for split in ("train", "test"):
        written(f"data/{split}_32x32.mat", b"MATLAB 5.0 MAT-file")(folder)


CASES: dict[str, tuple[Make, list[str], str]] = {
    "no folder": (nothing, FOLDER, "img does not exist: there is no such folder"),
    "a file for a folder": (written("img", ""), FOLDER, "there is no such folder"),
    "a folder for an option": (
        images,
        ["data=./img/"],
        "data=./img/ does not exist. For images in that folder: data=image_folder data.root=./img/",
    ),
    "a folder elsewhere for an option": (
        lambda f: (images(f), (f / "b").mkdir()),
        ["data=b/../img"],
        "data=image_folder data.root=b/../img",
    ),
    "almost a folder for an option": (
        images,
        ["data=./imgs"],
        "data=./imgs does not exist. Did you mean data=image_folder data.root=img?",
    ),
    "no folder for an option": (nothing, ["data=imgs/x"], "Allowed: cifar10, cifar100"),
    "labels for a corruption": (
        written("labels.npy", ""),
        ["corruption=labels.npy"],
        "For labels in that file: corruption=labels_from_file corruption.path=labels.npy",
    ),
    "no test images": (
        both(images, lambda f: shutil.rmtree(f / "img/test")),
        FOLDER,
        "img has no folder test/",
    ),
    "no classes": (
        lambda f: [(f / "img" / split).mkdir(parents=True) for split in ("train", "test")],
        FOLDER,
        "img/train has no class folders",
    ),
    "an empty class": (both(images, empty_classes), FOLDER, "img/train/c holds no image"),
    "a class of texts": (both(images, texts_only), FOLDER, "img/train/c holds no image"),
    "a class in training only": (
        both(images, lambda f: picture(f / "img/train/c/0.png")),
        FOLDER,
        "class 'c' is in train/ but not in test/",
    ),
    "one class": (
        lambda f: images(f, ("a",)),
        FOLDER,
        "all training samples (4) are of one class",
    ),
    "images of different sizes": (
        both(images, lambda f: picture(f / "img/train/a/9.png", 9, 8)),
        FOLDER,
        "9.png is 8×9 (height×width)",
    ),
    "a truncated image": (both(images, truncated), FOLDER, "image file is truncated"),
    "a truncated image in a stream": (both(images, truncated), STREAMED, "0.png cannot be read"),
    "a text with the name of an image": (
        both(images, written("img/train/a/0.png", "no")),
        FOLDER,
        "not an image, whatever its name says",
    ),
    "an empty image": (both(images, written("img/train/a/0.png", "")), FOLDER, "not an image"),
    "an image of fractions": (both(images, floating), FOLDER, "floating-point values"),
    "an image of 32 bits": (both(images, deep), FOLDER, "do not fit into 16 bits"),
    "an image that would fill the memory": (
        both(images, bomb),
        [*FOLDER, "data.image_size=8"],
        "could be decompression bomb",
    ),
    "a link to nothing": (
        both(images, lambda f: (f / "img/train/a/x.png").symlink_to("nowhere.png")),
        FOLDER,
        "x.png cannot be read: it is no file, or a link to none",
    ),
    "a link in a circle": (
        both(images, lambda f: (f / "img/train/a/x").symlink_to("..")),
        FOLDER,
        "is a link to a folder that it lies in itself",
    ),
    "a pipe": (
        both(images, lambda f: os.mkfifo(f / "img/train/a/x.png")),
        FOLDER,
        "x.png cannot be read: it is no file",
    ),
    "two channels": (images, [*FOLDER, "data.channels=2"], "data.channels=2"),
    "images of no size": (images, [*FOLDER, "data.image_size=0"], "data.image_size=0"),
    "images of a terapixel": (
        images,
        [*FOLDER, "data.image_size=1000000"],
        "data.image_size=1000000 is not allowed",
    ),
    "a crop larger than the images": (
        images,
        [*FOLDER[:2], "data.crop=28"],
        "data.crop=28 does not fit into images of 8×8 pixels",
    ),
    "a path with NUL": (nothing, [*FOLDER[:1], "data.root='a\0b'"], "data.root"),
    "MNIST is not there": (nothing, ["data=mnist"], "data=mnist: not found in data.root="),
    "MNIST of twenty images": (
        mnist,
        ["data=mnist"],
        "train-images-idx3-ubyte: it holds 20 samples, the original 60,000",
    ),
    "MNIST packed and cut off": (
        both(
            mnist,
            lambda f: (f / MNIST / "train-images-idx3-ubyte").write_bytes(b"\x1f\x8b\x08cut off"),
        ),
        ["data=mnist"],
        "train-images-idx3-ubyte is damaged or not the original file",
    ),
    "MNIST cut off": (
        both(mnist, written(str(MNIST / "train-images-idx3-ubyte"), b"\0\0\x08\x03")),
        ["data=mnist"],
        "train-images-idx3-ubyte is damaged or not the original file",
    ),
    "MNIST of no images": (lambda f: mnist(f, train=0), ["data=mnist"], "it holds no samples"),
    "CIFAR-10 with code in it": (cifar, ["data=cifar10"], "data_batch_1 is damaged or not the"),
    "CIFAR-100 with code in it": (
        written("data/cifar-100-python.tar.gz", EVIL),
        ["data=cifar100"],
        "cifar-100-python.tar.gz is damaged or not the original file",
    ),
    "SVHN cut off": (svhn, ["data=svhn"], "train_32x32.mat is damaged or not the original file"),
    "a batch larger than the set": (
        nothing,
        ["data.batch_size=100000"],
        "data.batch_size=100000 is larger than the training set of 1437 samples",
    ),
    "one image": (nothing, ["data.train_limit=1"], "all training samples (1) are of one class"),
    "more than there are": (nothing, ["data.train_limit=100000"], "there are 1437 samples"),
    "more tests than there are": (nothing, ["data.test_limit=100000"], "there are 360 samples"),
    "nothing held out": (nothing, ["data.val_fraction=0.0001"], "leaves one part of the split"),
    "patches that do not fit": (
        nothing,
        ["corruption=shuffled_patches", "corruption.patch=3"],
        "corruption.patch=3 does not divide images of 8×8 pixels",
    ),
    "images too small for the model": (
        nothing,
        ["model=cnn_15x15"],
        "model cnn_15x15 needs images of at least 15×15 pixels",
    ),
    "a depth that no such network has": (
        nothing,
        ["model=wide_resnet", "model.depth=27"],
        "model.depth=27: a wide_resnet has depth 6k + 4",
    ),
    "an architecture that torchvision has not": (
        nothing,
        ["model=torchvision", "model.architecture=resnet999"],
        "torchvision",
    ),
    "a layer beyond counting": (
        nothing,
        ["model.hidden=[99999999999999999999]"],
        "less than 2147483648",
    ),
    "a model larger than the memory": (
        nothing,
        ["model.hidden=[1000000,100000000]"],
        "there is not enough memory",
    ),
}


@pytest.mark.parametrize(("make", "arguments", "tells"), CASES.values(), ids=list(CASES))
def test_refused(
    refuse: Refuse, tmp_path: Path, make: Make, arguments: list[str], tells: str
) -> None:
    make(tmp_path)
    refuse(arguments, tells)
    assert not (tmp_path / "opened").exists()
