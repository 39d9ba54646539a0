"""Test samples that are copies of training samples: on these a network shows what it memorized."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from torch import Tensor

from nullfit.console.messages import number_of, one_line
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.image_files import ImageFiles

_LISTED = 100
_LONGEST = 500  # characters of a name in a result


@dataclass(frozen=True)
class Copies:
    """How many samples of a test set equal a training sample, value by value, and the first pair.

    ``labels_differ`` counts those with another label than the first training sample they equal.
    ``listed`` has the names of the first hundred.
    """

    count: int
    labels_differ: int
    test: str
    train: str
    listed: list[str] = field(default_factory=list)


def counted_copies(copies: Mapping[str, Any]) -> str:
    """How many the fields of `Copies` tell of, as a result has them; nothing if there are none."""
    if not (count := copies["count"]):
        return ""
    are = "is a copy of a training sample" if count == 1 else "are copies of training samples"
    differ = copies["labels_differ"]
    other = f", {differ:,} with another label" if differ else ""
    return f"{number_of(count, 'test sample')} {are}{other}"


def told_copies(copies: Mapping[str, Any]) -> str:
    """The same with an example and what follows from them."""
    if not (counted := counted_copies(copies)):
        return ""
    return (
        f"{counted}, e.g. {one_line(copies['test'])} of {one_line(copies['train'])}: "
        "what is right there may be known by heart. Delete them from the test set for an accuracy "
        "on images that are new"
    )


def copies_in_test(dataset: Dataset) -> Copies | None:
    """The test samples that are in the training set as well; None if images stay in their files."""
    train, test = dataset.train, dataset.test
    if isinstance(train.images, ImageFiles) or isinstance(test.images, ImageFiles):
        return None
    first: dict[bytes, int] = {}
    for place, digest in enumerate(_digests(train.images)):
        first.setdefault(digest, place)
    found = [(at, first.get(digest)) for at, digest in enumerate(_digests(test.images))]
    pairs = [(at, place) for at, place in found if place is not None]
    if not pairs:
        return Copies(0, 0, "", "")
    differ = sum(int(test.labels[at]) != int(train.labels[place]) for at, place in pairs)
    names = [_namer(test, "test")(at) for at, _ in pairs[:_LISTED]]
    return Copies(len(pairs), differ, names[0], _namer(train, "training")(pairs[0][1]), names)


def _digests(images: Tensor) -> list[bytes]:
    rows = images.contiguous().flatten(1).numpy()
    return [blake2b(row, digest_size=16).digest() for row in rows]


def _namer(images: ImageSet, split: str) -> Callable[[int], str]:
    """What a sample is called: its file, else its place in the split of the source."""

    def name(at: int) -> str:
        if images.own_files is not None:
            return str(images.own_files[at].decode("utf-8", "replace"))[:_LONGEST]
        place = at if images.places is None else int(images.places[at])
        return f"{split} sample {place}"

    return name
