"""What a report needs of a run besides its scores: the mask, and pictures of the extremes."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from nullfit.data.randomized_data import Split
from nullfit.results.stored_arrays import StoredArrays

_EACH = 10  # pictures of either end


@dataclass(frozen=True)
class Shown(StoredArrays):
    """``label_changed`` is of all n samples; the rest of the m that are shown.

    ``indices`` are theirs in the training split, the least forgotten first, then as many of the
    most forgotten, the most forgotten first. Each of the ``pictures`` is scaled from its least
    value to its largest. There are none of images that are neither grey nor colour.
    """

    prefix: ClassVar[str] = "dynamics_"

    label_changed: Bool[np.ndarray, " n"]
    indices: Int64[np.ndarray, " m"]
    pictures: UInt8[np.ndarray, "m c h w"]
    labels: Int64[np.ndarray, " m"]
    true_labels: Int64[np.ndarray, " m"]

    @classmethod
    def of(cls, order: Int64[np.ndarray, " n"], train: Split) -> "Shown":
        """The extremes of a training split, of which ``order`` has the least forgotten first."""
        each = min(_EACH, len(order) // 2) if train.image_shape[0] in (1, 3) else 0
        indices = np.concatenate([order[:each], order[::-1][:each]])
        return cls(
            label_changed=train.label_changed.numpy(force=True),
            indices=indices,
            pictures=train.byte_pictures(indices),
            labels=train.labels.numpy(force=True)[indices],
            true_labels=train.true_labels.numpy(force=True)[indices],
        )
