"""The label corruptions do what their definitions say, to the count."""

import pytest
import torch
from scipy.stats import binomtest, chisquare

from nullfit.corruptions import Origin, pair_flip_labels, random_labels, shuffled_labels

PROBABILITIES = [0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0]


def balanced(n=20_000, classes=10):
    return torch.zeros(n, 1, 1, 1), torch.arange(n) % classes


def plausible(hits, n, probability):
    """Whether the exact 99.9 % interval for the probability contains it."""
    interval = binomtest(int(hits), n).proportion_ci(0.999, method="exact")
    return interval.low <= probability <= interval.high


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("probability", PROBABILITIES)
def test_random_labels_change_nine_tenths_of_those_replaced(probability, seed):
    images, labels = balanced()
    result = random_labels(images, labels, seed, probability=probability)
    assert plausible(result.changed.sum(), len(labels), 0.9 * probability)


@pytest.mark.parametrize("classes", [2, 7, 100])
def test_random_labels_are_uniform_over_classes_and_independent_of_the_true_ones(classes):
    images, labels = balanced(50_000, classes)
    result = random_labels(images, labels, 0, probability=1.0)
    assert chisquare(torch.bincount(result.labels, minlength=classes).numpy()).pvalue > 1e-3
    assert plausible((result.labels == labels).sum(), len(labels), 1 / classes)


def test_random_labels_use_all_classes_of_the_origin_not_those_of_the_batch():
    images, labels = torch.zeros(500, 1, 1, 1), torch.zeros(500, dtype=torch.int64)
    result = random_labels(images, labels, 0, Origin(10, 0.0, 0.0), probability=1.0)
    assert set(result.labels.tolist()) == set(range(10))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("probability", PROBABILITIES)
def test_random_labels_that_always_change_do_so_to_each_other_class(probability, seed):
    images, labels = balanced()
    result = random_labels(images, labels, seed, probability=probability, always_change=True)
    assert plausible(result.changed.sum(), len(labels), probability)
    if probability == 1:
        assert result.changed.all()
        steps = torch.bincount((result.labels - labels) % 10, minlength=10)[1:]
        assert chisquare(steps.numpy()).pvalue > 1e-3


def test_random_labels_that_always_change_replace_the_same_samples():
    images, labels = balanced()
    free = random_labels(images, labels, 0, probability=0.5).changed
    always = random_labels(images, labels, 0, probability=0.5, always_change=True).changed
    assert always[free].all()


@pytest.mark.parametrize("corruption", [random_labels, pair_flip_labels])
def test_labels_corrupted_at_one_probability_stay_so_at_a_higher(corruption):
    images, labels = balanced()
    low = corruption(images, labels, 0, probability=0.3)
    high = corruption(images, labels, 0, probability=0.6)
    assert torch.equal(high.labels[low.changed], low.labels[low.changed])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("probability", PROBABILITIES)
def test_pair_flip_turns_each_label_into_the_next_or_leaves_it(probability, seed):
    images, labels = balanced()
    result = pair_flip_labels(images, labels, seed, probability=probability)
    assert torch.equal(result.labels, torch.where(result.changed, (labels + 1) % 10, labels))
    assert plausible(result.changed.sum(), len(labels), probability)


def test_pair_flip_wraps_at_the_classes_of_the_origin():
    images, labels = torch.zeros(3, 1, 1, 1), torch.tensor([0, 1, 2])
    wrapped = pair_flip_labels(images, labels, 0, probability=1.0)
    assert wrapped.labels.tolist() == [1, 2, 0]
    of_ten = pair_flip_labels(images, labels, 0, Origin(10, 0.0, 0.0), probability=1.0)
    assert of_ten.labels.tolist() == [1, 2, 3]


@pytest.mark.parametrize("fraction", PROBABILITIES)
def test_shuffled_labels_keep_the_class_counts(fraction):
    labels = torch.arange(2000) ** 2 % 11
    result = shuffled_labels(torch.zeros(2000, 1, 1, 1), labels, 1, fraction=fraction)
    assert torch.equal(torch.bincount(result.labels), torch.bincount(labels))


@pytest.mark.parametrize("fraction", PROBABILITIES)
def test_shuffled_labels_move_just_the_fraction(fraction):
    images, names = torch.zeros(2000, 1, 1, 1), torch.arange(2000)  # every label unique
    moved = int(shuffled_labels(images, names, 1, fraction=fraction).changed.sum())
    # A random permutation has one fixed point on average, more than ten never.
    assert round(2000 * fraction) - 10 <= moved <= round(2000 * fraction)


def test_shuffled_labels_change_nine_tenths_of_ten_balanced_classes():
    images, labels = balanced()
    changed = shuffled_labels(images, labels, 0, fraction=1.0).changed
    assert plausible(changed.sum(), len(labels), 0.9)


def test_shuffled_labels_choose_each_sample_equally_often():
    images, names = torch.zeros(10, 1, 1, 1), torch.arange(10)
    runs = [shuffled_labels(images, names, seed, fraction=0.5).changed for seed in range(2000)]
    assert chisquare(torch.stack(runs).sum(0).numpy()).pvalue > 1e-3
