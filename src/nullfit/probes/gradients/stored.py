"""What a run keeps of the coherence of its gradients."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float64, Int64

from nullfit.results.stored_arrays import StoredArrays


@dataclass(frozen=True)
class StoredCoherence(StoredArrays):
    """By epoch, by layer (the last row: all layers as one vector), of `KINDS` of samples.

    NaN where there are no such samples, or no such pairs.
    """

    prefix: ClassVar[str] = "gradients_"

    epochs: Int64[np.ndarray, " epochs"]
    coherence: Float64[np.ndarray, "epochs rows kinds"]
    within: Float64[np.ndarray, "epochs rows kinds"]
    between: Float64[np.ndarray, "epochs rows kinds"]
    square_norm: Float64[np.ndarray, "epochs rows kinds"]
