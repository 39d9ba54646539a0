"""Margins by hand, and normalized as the paper does."""

import math

import numpy as np
import pytest
import torch

from nullfit.tasks.measures.margins import normalized
from nullfit.training.margins import margin, margins


def test_a_margin_is_to_the_best_of_the_others():
    logits = torch.tensor([[3.0, 1.0, 2.5], [0.0, 4.0, -1.0], [1.0, 1.0, 0.0]])
    labels = torch.tensor([0, 2, 1])
    assert margins(logits, labels).tolist() == [0.5, -5.0, 0.0]
    below = torch.tensor([[-3.0, -1.0, -2.5]])
    assert margins(below, torch.tensor([1])).tolist() == [1.5]
    assert margins(below, torch.tensor([0])).tolist() == [-2.0]


def test_the_margin_of_a_network_is_the_tenth_percentile():
    assert margin(np.arange(101.0)) == 10
    assert margin(np.arange(101.0)[::-1]) == 10


def test_normalized_margins_are_over_complexity_and_inputs():
    found = normalized(np.array([1.0, -2.0]), math.log(50.0), squares=9.0)
    # γ / (R ‖X‖ / n)
    assert found == pytest.approx(np.array([1.0, -2.0]) / (50 * 3 / 2))
    huge = normalized(np.array([1.0]), 800.0, squares=1.0)
    assert huge[0] == pytest.approx(math.exp(-700) * math.exp(-100))
