"""`data=image_folder`: a user's own images, one folder for each class."""

import importlib.metadata
import logging
import os
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Literal

import torch

from nullfit.data.cache import cached
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.errors import UserError
from nullfit.ranges import PositiveInt

_LOG = logging.getLogger(__name__)
_LAYOUT = "image_folder reads train/<class>/* and test/<class>/* in data.root."
_LEFT_BY_SYSTEMS = {"thumbs.db", "desktop.ini", "__macosx"}

Sample = tuple[str, str]  # path, class


def image_folder(
    *, root: str, image_size: PositiveInt | None, channels: Literal[1, 3], cache: str | None
) -> Dataset:
    """Images in any format of Pillow's, from ``root/train/<class>`` and ``root/test/<class>``.

    Classes and files are taken in the order of their names, sub-folders of a class included, so
    they come out alike on every machine. Hidden files and files that are no images are ignored.
    With ``image_size`` each image's centre square is resized to that size. ``channels`` is 3 for
    colour, 1 for grey; images are converted.

    Raises:
        UserError: a folder is missing or empty, an image is broken, or sizes differ without
            ``image_size``; the folder or file is named.
    """
    folder = Path(root).expanduser().absolute()
    train, test = _scan(folder, "train"), _scan(folder, "test")
    _require_same_classes(folder, train, test)
    return cached(
        "image_folder",
        {"image_size": image_size, "channels": channels},
        folder,
        [path for path, _ in (*train, *test)],
        cache,
        f"pillow {importlib.metadata.version('pillow')}",
        partial(_decode, folder, train, test, image_size, channels),
    )


def _scan(folder: Path, split: str) -> list[Sample]:
    """All files of one split with their classes, in order of class and path."""
    if not (folder / split).is_dir():
        raise UserError(f"data.root={folder} has no folder {split}/.\n{_LAYOUT}")
    try:
        entries = [entry for entry in os.scandir(folder / split) if entry.is_dir()]
    except OSError as error:
        raise UserError(f"{folder / split} cannot be read: {error.strerror}.") from error
    classes = sorted(entry.name for entry in entries if _counts(entry.name))
    if not classes:
        raise UserError(f"{folder / split} has no class folders.\n{_LAYOUT}")
    samples = []
    for name in classes:
        files = _files(folder / split / name)
        if not files:
            raise _empty_class(folder / split / name)
        samples += [(file, name) for file in files]
    return samples


def _files(folder: Path) -> list[str]:
    found = []
    for parent, folders, files in os.walk(folder, followlinks=True):
        folders[:] = filter(_counts, folders)
        found += [os.path.join(parent, file) for file in files if _counts(file)]
    # Sorted with "/" in any case, so that the order is the same where the separator is not.
    return sorted(found, key=lambda path: path.replace(os.sep, "/"))


def _counts(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in _LEFT_BY_SYSTEMS


def _require_same_classes(folder: Path, train: list[Sample], test: list[Sample]) -> None:
    in_train, in_test = ({name for _, name in split} for split in (train, test))
    if only := sorted(in_train ^ in_test):
        where, other = ("train", "test") if only[0] in in_train else ("test", "train")
        raise UserError(
            f"data.root={folder}: class {only[0]!r} is in {where}/ but not in {other}/ "
            f"({len(only)} such class(es)).\nBoth need the same class folders."
        )


def _decode(
    folder: Path, train: list[Sample], test: list[Sample], image_size: int | None, channels: int
) -> Dataset:
    from nullfit.data.decode import decode_images  # noqa: PLC0415  (Pillow, only without a cache)

    samples = [*train, *test]
    images, kept = decode_images([path for path, _ in samples], image_size, channels)
    if ignored := sorted(set(range(len(samples))) - set(kept)):
        example = samples[ignored[0]][0]
        _LOG.warning("Ignored %d file(s) that are no images, e.g. %s", len(ignored), example)
    classes = sorted({name for _, name in train})
    numbers = {name: number for number, name in enumerate(classes)}
    labels = torch.tensor([numbers[samples[index][1]] for index in kept], dtype=torch.int64)
    boundary = sum(index < len(train) for index in kept)
    splits = {}
    for split, part in (("train", slice(None, boundary)), ("test", slice(boundary, None))):
        counts = Counter(labels[part].tolist())
        for name in classes:
            if not counts[numbers[name]]:
                raise _empty_class(folder / split / name)
        splits[split] = ImageSet(images[part], labels[part], tuple(classes), str(folder / split))
    return Dataset("image_folder", **splits)


def _empty_class(folder: Path) -> UserError:
    return UserError(f"Class folder {folder} holds no image.\nAdd images or remove the folder.")
