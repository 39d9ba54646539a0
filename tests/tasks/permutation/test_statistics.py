"""The statistics, by their definition."""

import torch

from nullfit.tasks.permutation.problem import Feature
from nullfit.tasks.permutation.statistics import Moments, evaluate_statistic

GRADIENTS = torch.tensor([[1.0, 2.0, 0.0], [3.0, 2.0, 0.0]], dtype=torch.float64)
MOMENTS = Moments(GRADIENTS.mean(0, True), GRADIENTS.square().mean(0, True))
FEATURES = [Feature("pair", torch.tensor([0, 1])), Feature("last", torch.tensor([2]))]


def values(statistic):
    return evaluate_statistic(statistic, MOMENTS, FEATURES)[0].tolist()


def test_squared_adds_up_over_the_inputs_of_a_feature():
    assert values("squared") == [5 + 4, 0]


def test_shares_sum_to_one_and_do_not_depend_on_scale():
    assert values("share") == [1, 0]
    twice = Moments(2 * MOMENTS.mean, 4 * MOMENTS.square)
    assert evaluate_statistic("share", twice, FEATURES)[0].tolist() == [1, 0]
    nothing = Moments(0 * MOMENTS.mean, 0 * MOMENTS.square)
    assert evaluate_statistic("share", nothing, FEATURES)[0].tolist() == [0, 0]


def test_variance_is_zero_where_the_derivative_is_constant():
    assert values("variance") == [1, 0]
    single = [Feature("constant", torch.tensor([1]))]
    assert evaluate_statistic("variance", MOMENTS, single).item() == 0
