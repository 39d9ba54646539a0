"""What a report needs of a run besides its depths: the mask, and pictures of the deepest."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Int64, UInt8

from nullfit.charts.samples import SampleRow
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.results.stored_arrays import StoredArrays

_EACH = 10  # pictures in a row
# By the number that ``row`` has of them.
ROWS = (
    "deepest, untouched labels",
    "deepest, corrupted labels",
    "deepest of the test set",
    "shallowest, untouched labels",
)


@dataclass(frozen=True)
class Shown(StoredArrays):
    """``label_changed`` is of all n training samples; the rest of the m that are shown.

    ``row`` is the place in `ROWS`; ``indices`` are places in the training or the test split. Each
    of the ``pictures`` is scaled from its least value to its largest. There are none of images that
    are neither grey nor colour.
    """

    prefix: ClassVar[str] = "prediction_depth_"

    label_changed: Bool[np.ndarray, " n"]
    row: Int64[np.ndarray, " m"]
    indices: Int64[np.ndarray, " m"]
    pictures: UInt8[np.ndarray, "m c h w"]
    labels: Int64[np.ndarray, " m"]
    true_labels: Int64[np.ndarray, " m"]

    @classmethod
    def of(
        cls,
        data: RandomizedData,
        order: Int64[np.ndarray, " n"],
        order_test: Int64[np.ndarray, " tests"],
    ) -> "Shown":
        """The ends of both orders, which have the shallowest first."""
        changed = data.train.label_changed.numpy(force=True)
        untouched, corrupted = order[~changed[order]], order[changed[order]]
        chosen: list[tuple[Split, Int64[np.ndarray, " _"]]] = [
            (data.train, untouched[::-1]),
            (data.train, corrupted[::-1]),
            (data.test, order_test[::-1]),
            (data.train, untouched),
        ]
        each = _EACH if data.train.image_shape[0] in (1, 3) else 0
        parts = [(split, places[:each]) for split, places in chosen]
        return cls(
            label_changed=changed,
            row=np.repeat(np.arange(len(ROWS)), [len(places) for _, places in parts]),
            indices=np.concatenate([places for _, places in parts]),
            pictures=np.concatenate([split.byte_pictures(places) for split, places in parts]),
            labels=_joined(parts, "labels"),
            true_labels=_joined(parts, "true_labels"),
        )

    def rows(self) -> list[SampleRow]:
        """The pictures, a row of each kind that there is."""
        images = torch.from_numpy(self.pictures).float().div(255)
        labels, true = torch.from_numpy(self.labels), torch.from_numpy(self.true_labels)
        return [
            SampleRow(name, images[at], labels[at], true[at], named=True)
            for number, name in enumerate(ROWS)
            if (at := torch.from_numpy(self.row == number)).any()
        ]


def _joined(
    parts: list[tuple[Split, Int64[np.ndarray, " _"]]], name: str
) -> Int64[np.ndarray, " m"]:
    return np.concatenate(
        [getattr(split, name).numpy(force=True)[places] for split, places in parts]
    )
