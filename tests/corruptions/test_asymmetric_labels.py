"""Labels turn into those of similar classes, as the papers have it or as the user says."""

import pytest
import torch

from nullfit.corruptions import Origin, asymmetric_labels
from nullfit.errors import UserError
from tests.corruptions.test_label_noise import PROBABILITIES, balanced, plausible

CIFAR10 = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
PAIRS = {"truck": "automobile", "bird": "airplane", "deer": "horse", "cat": "dog", "dog": "cat"}


def flipped(names, classes=None, probability=1.0):
    """What each class of data with these names becomes, by name."""
    labels = torch.arange(len(names))
    origin = Origin(len(names), class_names=tuple(names))
    images = torch.zeros(len(names), 1, 1, 1)
    result = asymmetric_labels(images, labels, 0, origin, probability=probability, classes=classes)
    after = [names[label] for label in result.labels.tolist()]
    return {a: b for a, b in zip(names, after, strict=True) if a != b}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("probability", PROBABILITIES)
def test_labels_of_the_mapped_classes_turn_with_the_probability_and_others_stay(probability, seed):
    images, labels = balanced()
    result = asymmetric_labels(images, labels, seed, probability=probability, classes={3: 5, 9: 1})
    three = labels == 3
    assert set(result.labels[three].tolist()) <= {3, 5}
    assert plausible(result.changed[three].sum(), int(three.sum()), probability)
    assert not result.changed[(labels != 3) & (labels != 9)].any()


def test_labels_corrupted_at_one_probability_stay_so_at_a_higher():
    images, labels = balanced()
    low, high = (
        asymmetric_labels(images, labels, 0, probability=probability, classes="mnist").changed
        for probability in (0.3, 0.6)
    )
    assert high[low].all()
    assert high.sum() > low.sum()


@pytest.mark.parametrize("names", [CIFAR10, CIFAR10[::-1]])
@pytest.mark.parametrize("classes", [None, "cifar10", PAIRS])
def test_the_classes_of_cifar10_are_known_by_their_names_in_any_order(names, classes):
    assert flipped(names, classes) == PAIRS


def test_digits_have_the_map_of_mnist():
    pairs = {"7": "1", "2": "7", "5": "6", "6": "5", "3": "8"}
    assert flipped(tuple("0123456789")) == pairs


def test_the_classes_of_cifar100_turn_within_their_superclass():
    from nullfit.corruptions.class_maps import _CIFAR100, _CIFAR100_SUPERCLASSES

    names = sorted(map(str, _CIFAR100))
    assert len(names) == 100
    after = flipped(names)
    assert set(after) == set(after.values()) == set(names)
    assert (after["beaver"], after["whale"], after["streetcar"]) == ("dolphin", "beaver", "tank")
    for superclass in _CIFAR100_SUPERCLASSES:
        assert list(superclass) == sorted(superclass)  # by number, which follows the names
        assert {after[name] for name in superclass} == set(superclass)


def test_classes_are_named_or_numbered_and_a_name_goes_before_a_number():
    assert flipped(("a", "b", "c"), {"a": 2, 1: "a"}) == {"a": "c", "b": "a"}
    assert flipped(("2", "1", "0"), {2: 1}) == {"2": "1"}


@pytest.mark.parametrize(
    ("names", "classes", "message"),
    [
        (("a", "b"), None, r"classes=null is impossible for these classes \(a, b\)"),
        (("a", "b"), "mnits", "classes=mnits is no map. Did you mean mnist"),
        (("a", "b"), "mnist", "there is no class 7; there are a, b"),
        (("a", "b"), {"a": "d"}, "there is no class d; there are a, b"),
        (("a", "b"), {"a": 2}, "there is no class 2"),
        (("a", "b"), {"a": -1}, "there is no class -1"),
    ],
)
def test_maps_of_other_classes_are_refused(names, classes, message):
    with pytest.raises(UserError, match=message):
        flipped(names, classes)


def test_a_probability_out_of_range_is_refused():
    with pytest.raises(UserError, match=r"corruption\.probability=1\.1 is out of range"):
        flipped(("a", "b"), {"a": "b"}, 1.1)
