"""Norms of the weights, against their definitions."""

import math

import pytest
import torch
from torch import nn

from nullfit.training.weight_norms import WeightNorms
from tests.training.test_fit import run


def network(scale: float = 1.0) -> nn.Module:
    made = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1, bias=False)).double()
    with torch.no_grad():
        made[0].weight.copy_(scale * torch.tensor([[1.0, 2.0], [2.0, 4.0]]))  # norm 5
        made[0].bias.copy_(scale * torch.tensor([3.0, 4.0]))  # norm 5
        made[1].weight.copy_(scale * torch.tensor([[5.0, 5.0]]))  # norm √50
    return made


def test_on_weights_whose_norms_are_known() -> None:
    norms = WeightNorms(network())
    assert norms(network(2.0)) == pytest.approx(
        {
            "weights/norm": 20.0,  # 2 √(25 + 25 + 50)
            "weights/log_norm": math.log(20.0),
            "weights/log_norm_product": math.log(10 * 10 * 2 * 50**0.5),
            "weights/distance_from_start": 10.0,
        }
    )


def test_a_tensor_of_zeros_is_no_factor() -> None:
    made = network()
    nn.init.constant_(made[0].bias, 1e-9)
    found = WeightNorms(made)(made)
    assert found["weights/log_norm_product"] == pytest.approx(math.log(5 * 50**0.5))
    assert found["weights/distance_from_start"] == 0.0


def test_each_epoch_and_the_result_have_them(tiny_config) -> None:
    trained, outcome = run(tiny_config("trainer.max_epochs=3"))
    distances = [row["weights/distance_from_start"] for row in outcome.rows]
    assert 0 < distances[0] < distances[1] < distances[2]
    whole = math.sqrt(sum(float(w.detach().square().sum()) for w in trained.parameters()))
    assert outcome.metrics["weights/norm"] == outcome.rows[-1]["weights/norm"]
    assert outcome.metrics["weights/norm"] == pytest.approx(whole)
    seconds = [row["epoch_seconds"] for row in outcome.rows]
    assert sum(seconds) == pytest.approx(outcome.rows[-1]["seconds"], abs=2e-3)
