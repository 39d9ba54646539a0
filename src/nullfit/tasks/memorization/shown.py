"""What a report needs of a set besides its scores: the mask, and pictures of what is memorized."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt8

from nullfit.data.randomized_data import RandomizedData
from nullfit.results.stored_arrays import StoredArrays
from nullfit.tasks.memorization.influence import Influences

_ROWS = 8  # training samples
_CARRIED = 7  # test samples of each at most


@dataclass(frozen=True)
class Shown(StoredArrays):
    """``label_changed`` is of all n samples. The m pictures stand in rows, as ``row`` says.

    A row begins with a training sample that was memorized though its label was not changed, the
    most memorized first; test samples follow that it carries, the most influenced first.
    ``influence`` is that of the first of a row on each, and of the first its memorization. Each of
    the ``pictures`` is scaled from its least value to its largest. There are none of images that
    are neither grey nor colour.
    """

    prefix: ClassVar[str] = "memorization_"

    label_changed: Bool[np.ndarray, " n"]
    row: Int64[np.ndarray, " m"]
    influence: Float32[np.ndarray, " m"]
    pictures: UInt8[np.ndarray, "m c h w"]
    labels: Int64[np.ndarray, " m"]

    @classmethod
    def of(
        cls,
        scores: Mapping[str, Float64[np.ndarray, " n"]],
        carried: Influences,
        data: RandomizedData,
    ) -> "Shown":
        """The most memorized of the training samples that carry test samples."""
        changed = data.train.label_changed.numpy(force=True)
        memorization = np.where(changed, -np.inf, np.nan_to_num(scores["memorization"], nan=-1))
        helpful = carried.values > 0
        carrying = np.unique(carried.train[helpful])
        drawn = _ROWS if data.train.image_shape[0] in (1, 3) else 0
        first = carrying[np.argsort(-memorization[carrying], kind="stable")][:drawn]
        first = first[memorization[first] > 0]
        rows = [_carried_by(number, carried, helpful) for number in first.tolist()]
        return cls(
            label_changed=changed,
            row=np.repeat(np.arange(len(first)), [1 + len(tests) for tests, _ in rows]),
            influence=np.concatenate(
                [np.append(memorization[n], v) for n, (_, v) in zip(first, rows, strict=True)]
                or [np.zeros(0)]
            ).astype(np.float32),
            pictures=_pictures(first, [tests for tests, _ in rows], data),
            labels=_labels(first, [tests for tests, _ in rows], data),
        )


def _carried_by(
    number: int, carried: Influences, helpful: Bool[np.ndarray, " k"]
) -> tuple[Int64[np.ndarray, " t"], Float32[np.ndarray, " t"]]:
    own = (carried.train == number) & helpful
    return carried.test[own][:_CARRIED], carried.values[own][:_CARRIED]


def _pictures(
    first: Int64[np.ndarray, " r"], tests: list[Int64[np.ndarray, " _t"]], data: RandomizedData
) -> UInt8[np.ndarray, "m c h w"]:
    parts = [
        split.pictures(chosen).mul(255).round().byte().numpy()
        for number, carried in zip(first, tests, strict=True)
        for split, chosen in ((data.train, np.array([number])), (data.test, carried))
    ]
    return np.concatenate([np.zeros((0, *data.train.image_shape), np.uint8), *parts])


def _labels(
    first: Int64[np.ndarray, " r"], tests: list[Int64[np.ndarray, " _t"]], data: RandomizedData
) -> Int64[np.ndarray, " m"]:
    train, test = (split.labels.numpy(force=True) for split in (data.train, data.test))
    parts = [np.append(train[n], test[t]) for n, t in zip(first, tests, strict=True)]
    return np.concatenate([np.zeros(0, np.int64), *parts])
