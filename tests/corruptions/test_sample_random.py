"""Random numbers by sample: their distributions, and that the batch does not matter."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats

from nullfit.corruptions.sample_random import events, integers, normal, orders, uniform, words

DRAWS = {
    "words": lambda own: torch.from_numpy(words(1, own, 7).view(np.int64)),
    "events": lambda own: events(1, own, 0.5),
    "integers": lambda own: integers(1, own, 1000),
    "orders": lambda own: orders(1, own, 13),
    "uniform": lambda own: uniform(1, own, torch.Size([len(own), 3, 5])),
    "normal": lambda own: normal(1, own, torch.Size([len(own), 3, 5])),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS.keys())
@pytest.mark.parametrize("first", [0, 5, 2**40, 2**62])
def test_what_belongs_to_a_sample_is_the_same_among_any_others(draw, first):
    numbers = torch.arange(first, first + 20)
    whole = draw(numbers)
    for chosen in ([4, 5, 6, 7], [0, 3, 4, 19], [12, 2, 3, 3, 1], list(range(19, -1, -1)), []):
        assert torch.equal(draw(numbers[chosen]), whole[chosen])


def test_words_are_those_of_numpys_philox():
    stream = np.random.Philox(key=9, counter=2)
    assert words(9, torch.arange(1, 6), 8).ravel().tolist() == stream.random_raw(40).tolist()


@pytest.mark.parametrize("size", [1, 2, 3, 63, 64, 65, 784])
def test_orders_are_permutations(size):
    drawn = orders(2, torch.arange(50), size)
    assert torch.equal(drawn.sort(1).values, torch.arange(size).expand(50, -1))


def test_all_orders_are_equally_likely():
    drawn = orders(3, torch.arange(24_000), 4)
    _, counts = torch.unique(drawn, dim=0, return_counts=True)
    assert len(counts) == 24
    assert stats.chisquare(counts.numpy()).pvalue > 1e-3


def test_integers_are_uniform():
    counts = torch.bincount(integers(4, torch.arange(70_000), 7), minlength=7)
    assert stats.chisquare(counts.numpy()).pvalue > 1e-3


def test_uniform_numbers_are_uniform_below_one():
    drawn = uniform(5, torch.arange(200), torch.Size([200, 3, 10, 11])).flatten().numpy()
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3


def test_normal_numbers_are_standard_normal():
    drawn = normal(6, torch.arange(200), torch.Size([200, 3, 10, 11])).flatten().double().numpy()
    assert stats.kstest(drawn, "norm").pvalue > 1e-3
    assert np.isfinite(drawn).all()


def test_neighbouring_values_and_samples_are_uncorrelated():
    drawn = normal(7, torch.arange(300), torch.Size([300, 1, 1, 301]))[:, 0, 0]
    bound = 5 / 300**1.0
    assert abs(float((drawn[:, 1:] * drawn[:, :-1]).mean())) < bound
    assert abs(float((drawn[1:] * drawn[:-1]).mean())) < bound


def test_events_at_a_higher_probability_contain_those_at_a_lower():
    drawn = [events(8, torch.arange(1000), p / 10) for p in range(11)]
    assert not drawn[0].any()
    assert drawn[10].all()
    assert all((low <= high).all() for low, high in pairwise(drawn))
