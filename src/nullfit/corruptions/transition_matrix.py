"""Label noise by a transition matrix."""

import io

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from nullfit.corruptions.array_files import content_of, numpy_array
from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.label_files import label_counts
from nullfit.corruptions.sample_random import fractions
from nullfit.errors import UserError
from nullfit.seeds import derive

_TOLERANCE = 1e-3  # for matrices of rounded numbers


def _account(
    labels: Int64[Tensor, " n"],
    origin: Origin,
    *,
    matrix: list[list[int | float]] | None = None,
    path: str | None = None,
    key: str | None = None,
    like: str | None = None,
) -> str:
    """How many labels change on average."""
    rows = _rows(matrix, path, key, like, origin)
    share = 1 - float(rows.diagonal()[labels.numpy(force=True)].mean())
    source = "" if matrix is not None else f" of {path or like}{f' ({key})' if key else ''}"
    changed = 100 * share
    return f"transition matrix{source}: changes {changed:.2f} % of the training labels on average"


@changes("labels", account=_account)
def transition_matrix(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    matrix: list[list[int | float]] | None = None,
    path: str | None = None,
    key: str | None = None,
    like: str | None = None,
) -> Corrupted:
    """Draw each label anew, by the row of ``matrix`` that belongs to its class.

    Entry (i, j) is the probability that label i becomes j: a row for each class, each with sum 1
    (rounded numbers are divided by theirs). It stands in the settings or in the file ``path``: a
    CSV file without heading, .npy, or .npz with the array ``key``. Or it is taken from the labels
    of the file ``like``, one of `labels_from_file`: the share of the samples of class i that have
    label j there. A class that has no label there keeps its own.

    Raises:
        UserError: there is no matrix or more than one, or it is none of probabilities for these
            classes.
    """
    origin = origin or Origin.of(images, labels)
    rows = _rows(matrix, path, key, like, origin)
    drawn = fractions(derive(seed, "transition_matrix"), numbers(origin, len(labels)))
    reached = np.cumsum(rows, axis=1)
    reached /= reached[:, -1:]
    before = labels.numpy(force=True)
    # The first class whose cumulated probability is above the fraction: one of probability 0 never.
    after = np.empty_like(before)
    for label in range(origin.classes):
        own = before == label
        after[own] = np.searchsorted(reached[label], drawn[own], side="right")
    new_labels = torch.from_numpy(after).to(labels.device)
    return Corrupted.compared(images, labels, images, new_labels)


def _rows(
    matrix: list[list[int | float]] | None,
    path: str | None,
    key: str | None,
    like: str | None,
    origin: Origin,
) -> Float64[np.ndarray, "c c"]:
    """The matrix, wherever it comes from.

    Raises:
        UserError: it comes from nowhere or from several places, or is none of probabilities.
    """
    if sum(source is not None for source in (matrix, path, like)) != 1:
        raise UserError(
            "corruption=transition_matrix needs one of corruption.matrix, a list of rows such as "
            "[[0.9,0.1],[0.2,0.8]], corruption.path, a file of them, and corruption.like, a file "
            "of labels."
        )
    if like is None:
        return _checked(_given(matrix, path, key), origin.classes)
    counts = label_counts(like, key, origin)
    counts += np.diag((counts.sum(1) == 0).astype(np.int64))
    shares: np.ndarray = counts / counts.sum(1, keepdims=True)
    return shares


def _given(matrix: list[list[int | float]] | None, path: str | None, key: str | None) -> np.ndarray:
    if path is None:
        widths = {len(row) for row in matrix or []}
        if len(widths) != 1:
            raise UserError("corruption.matrix: all rows must have the same length.")
        return np.array(matrix, dtype=np.float64)
    content = content_of(path, "corruption.path")
    if path.lower().endswith((".npy", ".npz")):
        return numpy_array(content, path, key, "path")
    try:
        return np.loadtxt(io.BytesIO(content), delimiter=",", ndmin=2)
    except ValueError as error:
        raise UserError(
            f"corruption.path={path} is no matrix: give rows of numbers with commas between them, "
            f"without a heading, .npy or .npz.\n{str(error).splitlines()[0]}"
        ) from error


def _checked(matrix: np.ndarray, classes: int) -> Float64[np.ndarray, "{classes} {classes}"]:
    """The matrix, if it is one of probabilities.

    Raises:
        UserError: it is not.
    """
    size = "×".join(map(str, matrix.shape))
    if matrix.shape != (classes, classes) or matrix.dtype.kind not in "fiu":
        raise UserError(
            f"corruption: the transition matrix has {size} entries of type {matrix.dtype}; for "
            f"{classes} classes it must have {classes}×{classes} probabilities."
        )
    rows = matrix.astype(np.float64)
    for number, row in enumerate(rows):
        if not (np.isfinite(row).all() and (row >= 0).all() and abs(row.sum() - 1) <= _TOLERANCE):
            raise UserError(
                f"corruption: row {number} of the transition matrix has the sum {row.sum():g} and "
                f"the smallest entry {row.min():g}; the sum must be 1 and no entry below 0."
            )
    return rows
