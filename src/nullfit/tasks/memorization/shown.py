"""What a report needs of a set besides its scores: the mask, and pictures of what is memorized."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8

from nullfit.data.randomized_data import RandomizedData
from nullfit.results.stored_arrays import StoredArrays
from nullfit.tasks.memorization.influence import Influences

_MOST = 10  # training samples


@dataclass(frozen=True)
class Shown(StoredArrays):
    """``label_changed`` is of all n samples; the rest of the k that are shown.

    ``train`` are training samples, the most memorized first, that were memorized though their
    labels were not changed and that carry a test sample: ``test`` has the one that each influences
    most. Both are places in their splits. ``labels`` and ``pictures`` are of the training samples,
    then of the test samples; each picture is scaled from its least value to its largest. There are
    none of images that are neither grey nor colour.
    """

    prefix: ClassVar[str] = "memorization_"

    label_changed: Bool[np.ndarray, " n"]
    train: Int64[np.ndarray, " k"]
    test: Int64[np.ndarray, " k"]
    labels: Int64[np.ndarray, " both"]
    pictures: UInt8[np.ndarray, "both c h w"]

    @classmethod
    def of(
        cls,
        scores: Mapping[str, Float64[np.ndarray, " n"]],
        carried: Influences,
        data: RandomizedData,
    ) -> "Shown":
        """The most memorized of the training samples that carry test samples."""
        changed = data.train.label_changed.numpy(force=True)
        memorization = np.where(changed, 0.0, np.nan_to_num(scores["memorization"]))
        helps = (carried.values > 0) & (memorization[carried.train] > 0)
        carrying, first = np.unique(carried.train[helps], return_index=True)  # the largest is first
        most = _MOST if data.train.image_shape[0] in (1, 3) else 0
        order = np.argsort(-memorization[carrying], kind="stable")[:most]
        train, test = carrying[order], carried.test[helps][first[order]]
        parts = [(data.train, train), (data.test, test)]
        return cls(
            label_changed=changed,
            train=train,
            test=test,
            labels=np.concatenate([split.labels.numpy(force=True)[of] for split, of in parts]),
            pictures=np.concatenate([split.byte_pictures(of) for split, of in parts]),
        )
