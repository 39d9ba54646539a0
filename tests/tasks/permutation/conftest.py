"""Small problems whose truth is known."""

from functools import partial

import pytest
import torch
from torch import nn

from nullfit.fused.stack_training import Hyperparameters
from nullfit.schedules import constant
from nullfit.tasks.permutation.problem import Feature, PermutationProblem
from nullfit.tasks.permutation.settings import PermutationTestSettings


def features_of(width):
    return tuple(Feature(f"x{j}", torch.tensor([j])) for j in range(width))


@pytest.fixture
def problem():
    """Five inputs, of which the last is constant and the target depends on the first."""
    random = torch.Generator().manual_seed(0)
    inputs = torch.randn(120, 5, generator=random)
    inputs[:, 4] = 0.5
    targets = 2 * inputs[:, 0] + 0.3 * torch.randn(120, generator=random)
    return PermutationProblem(inputs, targets, features_of(5), "regression")


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))


@pytest.fixture
def training():
    return Hyperparameters(partial(torch.optim.Adam, lr=0.02), constant, 2, 40, 0)


@pytest.fixture
def settings():
    """A function from changes to settings."""

    def make(**changes):
        given = {
            "statistic": "squared", "null": "feature", "kind": "relevance", "replicates": 19,
            "samples": None, "patch": 1, "max_group": None,
        }  # fmt: skip
        return PermutationTestSettings.model_validate({**given, **changes})

    return make
