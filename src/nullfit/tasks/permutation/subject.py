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
    the data, and ``account`` is what is said of them. ``same_inputs`` are groups of features by
    name that tell each other completely.
    """

    problem: PermutationProblem
    network: nn.Module
    measure: Callable[[nn.Module], dict[str, float]]
    fields: dict[str, Any]
    account: str | None = None
    same_inputs: tuple[tuple[str, ...], ...] = ()
