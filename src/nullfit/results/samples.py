"""samples.csv: what is known of each training sample, a row each."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64, Int64

from nullfit.data.randomized_data import Split
from nullfit.errors import UserError, nearest, shown
from nullfit.results.suspicion import SUSPICIOUS
from nullfit.system.files import appearing
from nullfit.system.reading import ARRAYS_BYTES, is_regular, read_regular

SAMPLES = "samples.csv"
_NUMBERS = ("index", "label", "true_label", "corrupted")


@dataclass(frozen=True)
class Samples:
    """What samples.csv says of n training samples, in its order.

    ``scores`` are those of which an end is suspicious (`SUSPICIOUS`), by their names.
    """

    index: Int64[np.ndarray, " n"]
    file: Sequence[str]
    label: Int64[np.ndarray, " n"]
    true_label: Int64[np.ndarray, " n"]
    corrupted: Bool[np.ndarray, " n"]
    scores: Mapping[str, Float64[np.ndarray, " n"]]

    def score(self, name: str, key: str) -> Float64[np.ndarray, " n"]:
        """One of the scores; ``key`` is the setting that names it.

        Raises:
            UserError: there is none of this name.
        """
        if name not in self.scores:
            known = ", ".join(self.scores) or "none"
            hint = nearest(name, self.scores, f"{key}=")
            raise UserError(f"{key}={name} is no score of these samples ({known}).{hint}")
        return self.scores[name]


def write_samples(
    folder: Path, train: Split, scores: Mapping[str, Mapping[str, np.ndarray]]
) -> Path:
    """Write ``scores`` of the training samples, given by probe and name, in the split's order.

    Columns are ``index`` (the sample's place in the training set of its source), ``file`` (of its
    image; empty where there is none), ``label`` (trained on), ``true_label`` (both count from 0),
    ``corrupted`` (0 or 1: whether they differ), and the scores. A score has the name of its probe
    before its own where an earlier one is called the same.

    Raises:
        StorageError: the disk is full, or the folder cannot be written to.
    """
    columns: dict[str, np.ndarray] = {
        "index": np.arange(len(train)) if train.places is None else train.places.numpy(force=True),
        "file": np.full(len(train), b"") if train.files is None else train.files,
        "label": train.labels.numpy(force=True),
        "true_label": train.true_labels.numpy(force=True),
        "corrupted": train.label_changed.numpy(force=True).astype(np.int64),
    }
    for probe, found in scores.items():
        for name, values in found.items():
            columns[f"{probe}_{name}" if name in columns else name] = values
    path = folder / SAMPLES
    with appearing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*map(_cells, columns.values()), strict=True))
    return path


def _cells(values: np.ndarray) -> list[object]:
    if values.dtype.kind == "S":
        named = (os.fsdecode(bytes(value)) for value in values)
        return [name.encode("utf-8", "replace").decode() for name in named]
    if values.dtype.kind == "f":
        return [f"{value:.6g}" for value in values.tolist()]
    return list(values.tolist())


def has_samples(folder: Path) -> bool:
    """Whether a run has left scores of its training samples."""
    return is_regular(folder / SAMPLES)


def read_samples(folder: Path) -> Samples:
    """The samples of a run.

    Raises:
        UserError: it has none, or the file is damaged.
    """
    path = folder / SAMPLES
    try:
        text = read_regular(path, ARRAYS_BYTES).decode("utf-8")
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} has no {SAMPLES}: its run scored no samples.\nRun it again with "
            "probe=dynamics."
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is damaged ({error}).") from error
    try:
        heading, *rows = csv.reader(io.StringIO(text, newline=""))
        columns = dict(zip(heading, zip(*rows, strict=True), strict=True))
        numbers = {name: np.array(columns[name], dtype=np.int64) for name in _NUMBERS}
        found = [name for name in SUSPICIOUS if name in columns]
        scores = {name: np.array(columns[name], dtype=np.float64) for name in found}
        return Samples(
            numbers["index"],
            columns["file"],
            numbers["label"],
            numbers["true_label"],
            numbers["corrupted"] == 1,
            scores,
        )
    except (ValueError, KeyError, OverflowError, csv.Error) as error:
        raise UserError(f"{path} is damaged ({shown(str(error))}).") from error
