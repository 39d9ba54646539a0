"""The pixel corruptions that move pixels: which ones stay together, and on which samples."""

import pytest
import torch
from scipy.stats import chisquare

from nullfit.corruptions import (
    TEST_INDEX,
    Origin,
    random_pixels,
    shuffled_patches,
    shuffled_pixels,
)


def pictures(n=40, channels=3, height=12, width=8):
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(n, channels, height, width, generator=generator)
    return images, torch.arange(n) % 10


def numbered(n, height, width, channels=3):
    """Images whose pixels are their own positions, so a result shows where each came from."""
    positions = torch.arange(height * width, dtype=torch.float32).view(1, 1, height, width)
    return positions.repeat(n, channels, 1, 1), torch.arange(n) % 10


def sources(images):
    return images.flatten(2).to(torch.int64)


def moved(images, labels, seed, origin=None):
    return shuffled_patches(images, labels, seed, origin, patch=4)


@pytest.mark.parametrize("corruption", [shuffled_pixels, random_pixels, moved])
def test_each_image_and_channel_keeps_its_multiset_of_pixels(corruption):
    images, labels = pictures()
    before, after = (
        x.flatten(2).sort(2).values for x in (images, corruption(images, labels, 1)[0])
    )
    assert torch.equal(before, after)


@pytest.mark.parametrize("corruption", [shuffled_pixels, random_pixels, moved])
def test_channels_of_an_image_move_together(corruption):
    from_where = sources(corruption(*numbered(30, 12, 8), 1).images)
    assert (from_where == from_where[:, :1]).all()


@pytest.mark.parametrize("corruption", [shuffled_pixels, moved])
def test_one_permutation_for_all_images_of_train_and_test(corruption):
    images, labels = numbered(30, 12, 8)
    origin = Origin.of(images, labels)
    train = sources(corruption(images, labels, 1, origin).images)
    test = sources(corruption(images[:9], labels[:9], 1, origin.starting_at(TEST_INDEX)).images)
    assert (train == train[:1]).all()
    assert (test == train[:1]).all()
    assert not torch.equal(train[0, 0], torch.arange(96))


def test_random_pixels_have_a_permutation_for_each_image():
    from_where = sources(random_pixels(*numbered(500, 12, 8), 1).images)[:, 0]
    assert len(torch.unique(from_where, dim=0)) == 500
    # Any pixel is equally likely to be shown at any place.
    for place in (0, 1, 50, 95):
        counts = torch.bincount(from_where[:, place] // 12, minlength=8)
        assert chisquare(counts.numpy()).pvalue > 1e-3


def test_every_permutation_of_pixels_is_equally_likely():
    images, labels = numbered(1, 2, 2, channels=1)
    drawn = [sources(shuffled_pixels(images, labels, seed).images)[0, 0] for seed in range(4800)]
    _, counts = torch.unique(torch.stack(drawn), dim=0, return_counts=True)
    assert len(counts) == 24
    assert chisquare(counts.numpy()).pvalue > 1e-3


@pytest.mark.parametrize(("height", "width", "patch"), [(12, 8, 4), (12, 8, 2), (6, 9, 3)])
def test_patches_keep_their_inside_and_change_their_places(height, width, patch):
    images, labels = numbered(3, height, width)
    new = shuffled_patches(images, labels, 1, patch=patch).images[0, 0]
    old_squares = _squares(images[0, 0], patch)
    new_squares = _squares(new, patch)
    assert sorted(old_squares) == sorted(new_squares)
    assert old_squares != new_squares


def _squares(image, patch):
    grid = image.unfold(0, patch, patch).unfold(1, patch, patch).reshape(-1, patch * patch)
    return grid.tolist()


def test_patches_of_one_pixel_shuffle_pixels_and_one_patch_changes_nothing():
    images, labels = numbered(2, 6, 6)
    single = sources(shuffled_patches(images, labels, 1, patch=1).images)[0, 0]
    assert torch.equal(single.sort().values, torch.arange(36))
    assert not torch.equal(single, torch.arange(36))
    assert not shuffled_patches(images, labels, 1, patch=6).changed.any()
