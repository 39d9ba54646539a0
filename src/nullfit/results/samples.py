"""samples.csv: what is known of each training sample, a row each."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nullfit.data.randomized_data import Split
from nullfit.errors import UserError
from nullfit.results.findings import add_apart
from nullfit.system.files import appearing

SAMPLES = "samples.csv"


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
        "index": np.arange(len(train)) if train.places is None else train.places.numpy(force=True),
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


def _cells(values: np.ndarray) -> list[object]:
    if values.dtype.kind == "S":
        named = (os.fsdecode(bytes(value)) for value in values)
        return [name.encode("utf-8", "replace").decode() for name in named]
    if values.dtype.kind == "f":
        return [f"{value:.6g}" for value in values.tolist()]
    return list(values.tolist())
