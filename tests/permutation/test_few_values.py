"""The warning for columns that ``conditional`` would make continuous."""

import torch

from nullfit.permutation.guidance import made_continuous
from nullfit.permutation.problem import Feature, Problem


def test_columns_of_two_values_are_warned_of_under_conditional_alone() -> None:
    inputs = torch.stack([torch.arange(20.0), torch.arange(20.0) % 2], dim=1)
    features = tuple(Feature(name, torch.tensor([n])) for n, name in enumerate(["age", "wall"]))
    problem = Problem(inputs, torch.arange(20.0), features, "regression")
    told = made_continuous("conditional", problem)
    assert told is not None
    assert "(wall)" in told
    assert made_continuous("feature", problem) is None
