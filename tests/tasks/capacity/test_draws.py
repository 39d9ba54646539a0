"""Random labels, and the samples that they are for."""

import torch
from scipy import stats

from nullfit.tasks.capacity.draws import Draws

DRAWS = Draws(pool=3000, classes=3, seed=0)


def test_fewer_samples_of_a_draw_are_among_more_with_the_same_labels() -> None:
    assert torch.equal(DRAWS.samples(0, 10), DRAWS.samples(0, 50)[:10])
    assert torch.equal(DRAWS.labels(0, 10), DRAWS.labels(0, 50)[:10])
    assert sorted(DRAWS.samples(0, 3000).tolist()) == list(range(3000))


def test_labels_are_uniform_and_those_of_two_draws_independent() -> None:
    first, second = DRAWS.labels(0, 3000), DRAWS.labels(1, 3000)
    assert stats.chisquare(torch.bincount(first, minlength=3)).pvalue > 1e-6
    assert abs((first == second).double().mean() - 1 / 3) < stats.norm.isf(1e-6) * 0.48 / 3000**0.5
    assert not torch.equal(DRAWS.samples(0, 3000), DRAWS.samples(1, 3000))
    assert not torch.equal(first, Draws(3000, 3, seed=1).labels(0, 3000))
