"""What a permutation test is about: samples, targets, and which inputs make up a feature."""

from dataclasses import dataclass
from math import prod
from typing import Literal

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

ProblemKind = Literal["classification", "regression"]


@dataclass(frozen=True)
class Feature:
    """Inputs that are tested as one: a pixel, a patch, a column, the block of a category.

    ``positions`` count the values of one sample in their flattened order.
    """

    name: str
    positions: Int64[Tensor, " p"]


@dataclass(frozen=True)
class PermutationProblem:
    """Samples as a network sees them, their targets, and the features to be tested.

    Targets are classes (``classification``, int64) or numbers (``regression``, float32; the
    network has one output).
    """

    inputs: Float32[Tensor, "n ..."]
    targets: Int64[Tensor, " n"] | Float32[Tensor, " n"]
    features: tuple[Feature, ...]
    kind: ProblemKind

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.inputs.shape[1:])

    def over_inputs(self, values: Tensor) -> Tensor:
        """One value for each feature, spread over the inputs it is made of.

        The last axis (features) becomes the shape of one sample; inputs that belong to no feature
        get NaN.
        """
        *leading, _ = values.shape
        spread = values.new_full((*leading, prod(self.input_shape)), torch.nan)
        for number, feature in enumerate(self.features):
            spread[..., feature.positions] = values[..., number, None]
        return spread.reshape(*leading, *self.input_shape)
