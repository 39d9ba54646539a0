"""A chain applies its steps in order, each with a draw of its own."""

from functools import partial

import torch

from nullfit.corruptions import (
    TEST_INDEX,
    Corrupted,
    Origin,
    chain,
    gaussian,
    none,
    pair_flip_labels,
    random_labels,
    random_pixels,
    shuffled_pixels,
)
from nullfit.seeds import derive


def pictures(n=50):
    images = torch.rand(n, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    return images, torch.arange(n) % 10


def test_no_steps_change_nothing():
    images, labels = pictures()
    result = chain(images, labels, 0, steps=[])
    assert result.images is images
    assert result.labels is labels
    assert not result.changed.any()


def test_each_step_works_on_the_outcome_of_the_one_before_with_its_own_seed():
    images, labels = pictures()
    origin = Origin.of(images, labels)
    flip = partial(pair_flip_labels, probability=0.5)
    result = chain(images, labels, 5, steps=[flip, random_pixels, flip])
    first = flip(images, labels, derive(5, "chain", 0), origin)
    last = flip(images, first.labels, derive(5, "chain", 2), origin)
    assert torch.equal(result.labels, last.labels)
    expected = random_pixels(images, labels, derive(5, "chain", 1), origin).images
    assert torch.equal(result.images, expected)


def test_changed_is_what_differs_at_the_end():
    images, labels = pictures()

    def other_way_round(images, labels, seed, origin=None):
        return Corrupted.compared(images, labels, images.flip(0), labels.flip(0))

    twice = chain(images, labels, 0, steps=[other_way_round, other_way_round])
    assert not twice.changed.any()
    once = chain(images, labels, 0, steps=[other_way_round])
    assert once.changed.all()


def test_label_or_pixel_changes_count():
    images, labels = pictures()
    some = partial(random_labels, probability=0.5)
    assert chain(images, labels, 0, steps=[some, shuffled_pixels]).changed.all()
    result = chain(images, labels, 0, steps=[some, none])
    assert result.images is images
    assert torch.equal(result.changed, result.labels != labels)


def test_all_steps_know_the_original_data():
    images, labels = pictures()
    steps = [lambda x, y, seed, origin=None: Corrupted.compared(x, y, x * 0, y), gaussian]
    drawn = chain(images, labels, 0, steps=steps).images
    assert abs(float(drawn.std() - images.std())) < 0.02


def test_a_step_replaced_by_none_leaves_the_draws_of_the_others():
    images, labels = pictures()
    flip = partial(pair_flip_labels, probability=1.0)
    train = chain(images, labels, 0, steps=[flip, shuffled_pixels])
    origin = Origin.of(images, labels).starting_at(TEST_INDEX)
    test = chain(images, labels, 0, origin, steps=[none, shuffled_pixels])
    assert torch.equal(train.images, test.images)
