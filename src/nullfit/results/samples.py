"""samples.csv: what is known of each training sample, a row each."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float64, Int64

from nullfit.data.randomized_data import Split
from nullfit.errors import UserError, nearest, shown
from nullfit.results.findings import add_apart
from nullfit.results.suspicion import SUSPICIOUS
from nullfit.system.files import appearing
from nullfit.system.reading import ARRAYS_BYTES, is_regular, read_regular

if TYPE_CHECKING:
    import pandas

SAMPLES = "samples.csv"
# In arrays.npz of runs with probe=dynamics, in the order of samples.csv, where it would be a score:
# the class of the last wrong answer on each sample, -1 where there was none.
TAKEN_FOR = "taken_for"
_OF_SAMPLES = ("index", "file", "label", "true_label", "corrupted")
_NEXT_TO_ONE = 0.999


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
            hint = nearest(name, self.scores, f"{key}=")
            raise UserError(f"{key}={name} is no score of these samples.{hint}")
        return self.scores[name]

    def scores_at(
        self, index: Int64[np.ndarray, " m"], key: str
    ) -> dict[str, Float64[np.ndarray, " m"]]:
        """All scores of some samples, in their order; ``key`` is the setting that asks for them.

        Raises:
            UserError: one of them is not among these.
        """
        place = {int(known): row for row, known in enumerate(self.index)}
        missing = [int(wanted) for wanted in index if int(wanted) not in place]
        if missing:
            raise UserError(
                f"{key}: its run knows nothing of {len(missing):,} of the {len(index):,} training "
                f"samples, such as index {missing[0]}. Take one that trained on all of them."
            )
        rows = np.array([place[int(wanted)] for wanted in index])
        return {name: values[rows] for name, values in self.scores.items()}


def write_samples(
    folder: Path, train: Split, scores: Mapping[str, Mapping[str, np.ndarray]]
) -> Path:
    """Write ``scores`` of the training samples, given by probe and name, in the split's order.

    Columns are ``index`` (the sample's place in the training set of its source), ``file`` (of its
    image; empty where there is none), ``label`` (trained on), ``true_label`` (both count from 0),
    ``corrupted`` (0 or 1: whether they differ), and the scores. A score has the name of its probe
    before its own where an earlier column is called the same.

    Raises:
        UserError: a score has not one value for each sample.
        StorageError: the disk is full, or the folder cannot be written to.
    """
    columns: dict[str, np.ndarray] = {
        "index": train.indices,
        "file": np.full(len(train), b"") if train.files is None else train.files,
        "label": train.labels.numpy(force=True),
        "true_label": train.true_labels.numpy(force=True),
        "corrupted": train.label_changed.numpy(force=True).astype(np.int64),
    }
    for probe, found in scores.items():
        for name, values in found.items():
            if len(values) != len(train):
                raise UserError(
                    f"score {name} of probe {probe} has {len(values):,} values for "
                    f"{len(train):,} training samples: give one for each, in their order."
                )
        add_apart(columns, probe, found, SAMPLES)
    path = folder / SAMPLES
    with appearing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*map(_cells, columns.values()), strict=True))
    return path


def samples_table(folder: Path) -> "pandas.DataFrame":
    """The table that `write_samples` wrote of a run.

    Raises:
        UserError: there is none, it is no such table, or too long.
    """
    import pandas  # noqa: PLC0415

    path = folder / SAMPLES
    try:
        content = io.BytesIO(read_regular(path, ARRAYS_BYTES))
        table = pandas.read_csv(content, dtype={"file": str})
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} has no {SAMPLES}: its run scored no samples.\nRun it again with "
            "probe=dynamics."
        ) from error
    except (ValueError, OverflowError) as error:  # pandas' own errors are ValueErrors
        raise UserError(f"{path} is damaged ({shown(str(error).strip())}).") from error
    others = table.drop(columns="file", errors="ignore")
    if "index" not in table or others.select_dtypes(exclude="number").size:
        raise UserError(f"{path} is damaged (it is no table of numbers by index).")
    return table.fillna({"file": ""})


def mean_samples(tables: Sequence["pandas.DataFrame"]) -> "pandas.DataFrame | None":
    """Each score's mean and standard deviation (n − 1) over runs, a row for each sample.

    Columns are those of the samples that are equal in all runs (with seeds that corrupt otherwise,
    labels are not), then ``<score>`` and ``<score>_sd`` of the scores that all runs have. None of
    runs that trained on other samples. An infinite value makes an infinite mean without deviation.
    """
    first, *others = tables
    if not all(first["index"].equals(other["index"]) for other in others):
        return None
    columns = {
        name: first[name]
        for name in _OF_SAMPLES
        if all(name in table and first[name].equals(table[name]) for table in tables)
    }
    scores = [name for name in first if name not in _OF_SAMPLES]
    for name in scores:
        if all(name in other for other in others):
            values = np.stack([table[name].to_numpy(float) for table in tables])
            finite = np.where(np.isfinite(values).all(0), values, np.nan)
            columns |= {name: values.mean(0), f"{name}_sd": finite.std(0, ddof=1)}
    return first[[]].assign(**columns)


def _cells(values: np.ndarray) -> list[object]:
    if values.dtype.kind == "S":
        named = (os.fsdecode(bytes(value)) for value in values)
        return [name.encode("utf-8", "replace").decode() for name in named]
    if values.dtype.kind == "f":
        return [_number(value) for value in values.tolist()]
    return list(values.tolist())


def _number(value: float) -> str:
    """Six digits; next to 1 all of them, so that probabilities there do not tie."""
    return repr(value) if _NEXT_TO_ONE < value < 1 else f"{value:.6g}"


def has_samples(folder: Path) -> bool:
    """Whether a run has left scores of its training samples."""
    return is_regular(folder / SAMPLES)


def read_samples(folder: Path) -> Samples:
    """The samples of a run.

    Raises:
        UserError: it has none, or the file is damaged.
    """
    table = samples_table(folder)
    path, missing = folder / SAMPLES, [name for name in _OF_SAMPLES if name not in table]
    if missing:
        raise UserError(f"{path} is damaged (it has no column {missing[0]}).")
    whole = [table[name].to_numpy() for name in ("index", "label", "true_label", "corrupted")]
    if any(values.dtype.kind != "i" for values in whole):
        raise UserError(f"{path} is damaged (labels are no whole numbers).")
    index, label, true_label, corrupted = whole
    scores = {name: table[name].to_numpy(np.float64) for name in SUSPICIOUS if name in table}
    return Samples(index, table["file"].tolist(), label, true_label, corrupted == 1, scores)
