"""``data=gaussian``: noise that says nothing of its labels."""

import torch
from scipy import stats

from nullfit.data import gaussian


def made(**changes):
    settings = {"samples": 2000, "test_samples": 300, "dimensions": 7, "classes": 3, **changes}
    return gaussian(**settings)


def test_inputs_are_standard_normal_and_labels_uniform() -> None:
    data = made()
    assert data.train.shape == data.test.shape == (1, 1, 7)
    assert (len(data.train), len(data.test)) == (2000, 300)
    assert stats.kstest(data.train.unit_images().flatten().numpy(), "norm").pvalue > 1e-6
    assert data.train.classes == ("0", "1", "2")
    assert stats.chisquare(torch.bincount(data.train.labels)).pvalue > 1e-6


def test_samples_are_always_the_same_and_those_of_the_splits_differ() -> None:
    first, again = made(), made()
    assert torch.equal(first.train.images, again.train.images)
    assert torch.equal(first.train.labels, again.train.labels)
    assert not torch.equal(first.train.images[:300], first.test.images)
