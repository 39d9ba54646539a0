"""What a run tests: a problem, a network for it, and how that network is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from nullfit.tasks.permutation.problem import PermutationProblem


@dataclass(frozen=True)
class Subject:
    """A problem and a network with its initial weights.

    ``measure`` gives the metrics of a trained network; ``fields`` are the result's that describe
    the data.
    """

    problem: PermutationProblem
    network: nn.Module
    measure: Callable[[nn.Module], dict[str, float]]
    fields: dict[str, Any]
