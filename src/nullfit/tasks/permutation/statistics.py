"""The statistics of a permutation test: how strongly the output follows each input."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.tasks.permutation.problem import Feature

Statistic = Literal["squared", "share", "variance"]


@dataclass(frozen=True)
class Moments:
    """Means over samples of the derivative and of its square, for m networks and d inputs.

    The derivative is that of the predicted class's logit (regression: of the output) with respect
    to the input.
    """

    mean: Float64[Tensor, "members d"]
    square: Float64[Tensor, "members d"]

    def to(self, device: torch.device) -> "Moments":
        """The same on another device."""
        return Moments(self.mean.to(device), self.square.to(device))


def evaluate_statistic(
    statistic: Statistic, moments: Moments, features: Sequence[Feature]
) -> Float64[Tensor, "members f"]:
    """One value for each network and feature; a feature of several inputs has their sum.

    ``squared``: the mean over samples of the squared derivative. ``share``: its share of the sum
    over all inputs (0 if all derivatives are 0), which does not depend on the scale of the output.
    ``variance``: the variance of the derivative over samples; 0 where the input acts linearly.
    """
    if statistic == "variance":
        values = (moments.square - moments.mean.square()).clamp_min(0)
    elif statistic == "share":
        total = moments.square.sum(1, keepdim=True)
        values = torch.where(total > 0, moments.square / total, 0.0)
    else:
        values = moments.square
    return torch.stack([values[:, feature.positions].sum(1) for feature in features], dim=1)
