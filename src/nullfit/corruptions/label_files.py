"""Files of labels: by the place of a sample in its source, or by the name of its file."""

import hashlib
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from nullfit.corruptions.array_files import content_of, named, numpy_array
from nullfit.corruptions.class_maps import class_number
from nullfit.corruptions.corruption import Origin
from nullfit.corruptions.sample_rows import SampleRows
from nullfit.errors import UserError

Order = Literal["source", "original"]

NOT_GIVEN = -1
_TRUE = "clean_label"  # as CIFAR-10N has it
# Files written by torch.save may run code when they are read; these are known.
_KNOWN_TORCH_FILES = {
    # CIFAR-10_human.pt of CIFAR-10N: Wei et al., ICLR 2022, arXiv 2110.12088, noisylabels.com.
    "873e69c39cb9b5e97fb6bae2d60bb59b38a5cbc31d2b868f7903dcb2b9dd2310",
}


@dataclass(frozen=True)
class LabelFile:
    """The labels of a file by place in the source, `NOT_GIVEN` where it has none.

    ``true`` are the true labels that the file itself says, in the same way. ``strangers`` counts
    names in the file that no training image has.
    """

    labels: Int64[np.ndarray, " m"]
    true: Int64[np.ndarray, " m"] | None = None
    strangers: int = 0

    def at(self, places: Int64[Tensor, " n"]) -> Int64[Tensor, " n"]:
        """The labels of some samples."""
        found = torch.full_like(places, NOT_GIVEN)
        there = (places >= 0) & (places < len(self.labels))
        found[there] = torch.from_numpy(self.labels)[places[there]]
        return found


def read_label_file(path: str, key: str | None, order: Order, origin: Origin) -> LabelFile:
    """Read a file of labels and bring it into the order of the source.

    A CSV file has a heading with ``index`` or ``file``, and ``label`` or what ``key`` says; .npy
    and .npz have a label for each sample, -1 for none. Labels are numbers or names of classes.
    With ``order`` *original* the k-th label whose ``clean_label`` is c belongs to the k-th sample
    of class c, as where a folder for each class holds the images in their original order.

    Raises:
        UserError: the file cannot be read, or does not fit the training set of ``origin``.
    """
    found = _found(path, key, origin, "path")
    if origin.labels is None:
        return found
    _refuse_more(found, path, origin.labels)
    return _in_order(found, path, order, origin.labels.numpy(force=True))


def label_counts(path: str, key: str | None, origin: Origin) -> Int64[np.ndarray, "c c"]:
    """How often class i has label j in the file that the setting ``like`` names.

    True labels are those that the file says itself, else those of the source.

    Raises:
        UserError: as `read_label_file`, or nobody says the true labels.
    """
    found = _found(path, key, origin, "like")
    if (true := found.true) is None:
        if origin.labels is None:
            raise UserError(f"corruption.like={path}: it has no {_TRUE}, and Origin no labels.")
        _refuse_more(found, path, origin.labels)
        true = origin.labels.numpy(force=True)[: len(found.labels)]
    known = (found.labels != NOT_GIVEN) & (true != NOT_GIVEN)
    counts = np.zeros((origin.classes, origin.classes), dtype=np.int64)
    np.add.at(counts, (true[known], found.labels[known]), 1)
    return counts


def _found(path: str, key: str | None, origin: Origin, setting: str) -> LabelFile:
    """The labels in the order of the file."""
    content = content_of(path, f"corruption.{setting}")
    if path.lower().endswith((".npy", ".npz")):
        return _of_arrays(_arrays(content, path, key, setting), path, origin)
    if path.lower().endswith((".pt", ".pth")):
        return _of_arrays(_torch_arrays(content, path, key), path, origin)
    return _of_rows(content, path, key or "label", origin)


def _refuse_more(found: LabelFile, path: str, source: Int64[Tensor, " source"]) -> None:
    if len(found.labels) > len(source):
        raise UserError(
            f"{path} has labels up to place {len(found.labels) - 1:,}, and the training set has "
            f"{len(source):,} samples: it belongs to other data."
        )


def _in_order(
    found: LabelFile, path: str, order: Order, source: Int64[np.ndarray, " source"]
) -> LabelFile:
    true = found.true
    if order == "original":
        if true is None or not np.array_equal(np.sort(true), np.sort(source)):
            raise UserError(
                f"corruption.order=original is impossible with {path}: it needs a {_TRUE} for each "
                "sample, as many of each class as the training set has."
            )
        labels = np.empty_like(found.labels)
        labels[np.argsort(source, kind="stable")] = found.labels[np.argsort(true, kind="stable")]
        return LabelFile(labels, source)
    if true is not None:
        other = (true != NOT_GIVEN) & (true != source[: len(true)])
        if other.any():
            raise UserError(
                f"{path} is in another order than the training set, or of other data: "
                f"{int(other.sum()):,} of its {_TRUE}s are not those of the samples.\nWhere a "
                "folder for each class holds the images in their original order, use "
                "corruption.order=original."
            )
    return found


def _of_arrays(
    arrays: tuple[np.ndarray, np.ndarray | None], path: str, origin: Origin
) -> LabelFile:
    labels, true = (None if array is None else _numbers(array, path, origin) for array in arrays)
    assert labels is not None
    if true is not None and len(true) != len(labels):
        raise UserError(f"{path} has {len(labels)} labels and {len(true)} of {_TRUE}.")
    return LabelFile(labels, true)


def _numbers(array: np.ndarray, path: str, origin: Origin) -> Int64[np.ndarray, " m"]:
    if array.ndim != 1 or array.dtype.kind not in "iuU":
        raise UserError(
            f"{path}: labels are whole numbers or names in one row; this is {array.dtype} of shape "
            f"{array.shape}."
        )
    values, inverse = np.unique(array, return_inverse=True)
    known = [
        NOT_GIVEN if str(value) == str(NOT_GIVEN) else class_number(str(value), origin.names, path)
        for value in values
    ]
    return np.array(known, dtype=np.int64)[inverse]


def _arrays(
    content: bytes, path: str, key: str | None, setting: str
) -> tuple[np.ndarray, np.ndarray | None]:
    labels = numpy_array(content, path, key, setting)
    if path.lower().endswith(".npy"):
        return labels, None
    try:
        return labels, numpy_array(content, path, _TRUE, setting)
    except UserError:  # most have none
        return labels, None


def _torch_arrays(
    content: bytes, path: str, key: str | None
) -> tuple[np.ndarray, np.ndarray | None]:
    digest = hashlib.sha256(content).hexdigest()
    if digest not in _KNOWN_TORCH_FILES:
        raise UserError(
            f"{path} is not read: of files that torch.save wrote only CIFAR-10_human.pt is, and "
            f"the SHA-256 of this one is {digest}.\nSave its arrays with numpy.savez."
        )
    arrays = _only_arrays(content, path)
    return arrays[named(arrays, key, path)], arrays.get(_TRUE)


def _only_arrays(content: bytes, path: str) -> Mapping[str, np.ndarray]:
    """What torch.save wrote, if it is arrays by their names."""
    rebuild: Any = np._core.multiarray._reconstruct  # type: ignore[attr-defined]
    kinds = [np.ndarray, np.dtype, type(np.dtype(np.int64))]
    # By the name that NumPy 1 gave it as well.
    functions = [rebuild, (rebuild, "numpy.core.multiarray._reconstruct")]
    with torch.serialization.safe_globals([*kinds, *functions]):
        try:
            loaded = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
        except pickle.UnpicklingError as error:
            raise UserError(f"{path} holds more than arrays.") from error
    return {str(name): np.asarray(array) for name, array in loaded.items()}


def _of_rows(content: bytes, path: str, column: str, origin: Origin) -> LabelFile:
    """The labels of a CSV file."""
    rows = SampleRows(content, path, origin, column)
    columns = [column, *([_TRUE] if _TRUE in rows.heading else [])]
    known: dict[str, int] = {}
    found: dict[int, list[int]] = {}
    for place, row, where in rows:
        for name in columns:
            value = row[name] or ""
            if value not in known:
                known[value] = class_number(value, origin.names, where)
        found[place] = [known[row[name] or ""] for name in columns]
    if not found:
        raise UserError(f"{path} has no label of a training sample.")
    table = np.full((len(columns), max(found) + 1), NOT_GIVEN, dtype=np.int64)
    table[:, list(found)] = np.array(list(found.values())).T
    return LabelFile(table[0], table[1] if len(columns) > 1 else None, len(rows.strangers))
