"""Random patches as filters, against a computation patch by patch."""

import pytest
import torch
from torch.nn import functional

from nullfit.errors import UserError
from nullfit.features.random_conv import RandomConv

CPU = torch.device("cpu")
SETTINGS = {"filters": 12, "patch": 3, "threshold": 0.25, "pool": 2}


@pytest.fixture
def images():
    return torch.rand(40, 2, 8, 9, generator=torch.Generator().manual_seed(0))


def test_agrees_with_a_computation_patch_by_patch(images):
    made = RandomConv.make(images, 3, **SETTINGS)
    patches = functional.unfold(images.double(), 3).transpose(1, 2)  # n, places, c·9
    centred = patches - patches.mean(2, keepdim=True)
    spread = (centred.square().mean(2, keepdim=True) + 10 / 255**2).sqrt()
    responses = (centred / spread) @ made.filters.double().flatten(1).T
    assert responses.abs().max() > 1
    both = torch.cat([(responses - 0.25).relu(), (-responses - 0.25).relu()], 2)
    places = both.transpose(1, 2).unflatten(2, (6, 7))
    expected = functional.adaptive_avg_pool2d(places, 2).flatten(1)
    found = made.whole(images, CPU)
    torch.testing.assert_close(found.double(), expected, atol=1e-5, rtol=1e-4)


def test_whitened_filters_have_whitened_responses(images):
    """Responses to patches like those that were measured have about unit variance at most."""
    made = RandomConv.make(images, 0, filters=64, patch=3, threshold=0.0, pool=6)
    assert 0.05 < made.whole(images, CPU).mean() < 1


def test_parts_are_the_whole_in_pieces(images, monkeypatch):
    whole = RandomConv.make(images, 3, **SETTINGS).whole(images, CPU)
    monkeypatch.setattr("nullfit.features.random_conv._PART", 5)
    made = RandomConv.make(images, 3, **SETTINGS)
    assert (made.parts, made.width, made.dimensions) == (3, 32, 96)
    ticks = []
    pieces = made.whole(images, CPU, ticks.append)
    assert sum(ticks) == pytest.approx(len(images))
    assert pieces.shape == whole.shape
    assert torch.allclose(pieces.sort(1).values, whole.sort(1).values, atol=1e-6)
    torch.testing.assert_close(made.part(images, 2, CPU), pieces[:, 64:])


def test_contrast_and_brightness_hardly_matter(images):
    made = RandomConv.make(images, 0, **SETTINGS)
    torch.testing.assert_close(
        made.whole(0.5 * images + 0.2, CPU), made.whole(images, CPU), atol=0.02, rtol=0.02
    )


def test_an_image_does_not_depend_on_the_others(images):
    made = RandomConv.make(images, 0, **SETTINGS)
    torch.testing.assert_close(made.whole(images[7:8], CPU), made.whole(images, CPU)[7:8])


def test_filters_follow_from_the_seed(images):
    one, again, other = (RandomConv.make(images, seed, **SETTINGS).filters for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(("patch", "pool"), [(9, 1), (7, 3)])
def test_images_that_are_too_small_are_refused(images, patch, pool):
    with pytest.raises(UserError, match=rf"patch={patch} and pool={pool} does not fit .* 8×9"):
        RandomConv.make(images, 0, **SETTINGS | {"patch": patch, "pool": pool})
