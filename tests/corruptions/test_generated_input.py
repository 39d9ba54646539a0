"""Corruptions of generated sets: any shape, number of classes, setting and seed."""

from functools import partial

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nullfit.corruptions import (
    Corruption,
    Origin,
    pair_flip_labels,
    random_labels,
    shuffled_labels,
)
from tests.corruptions.options import FUNCTIONS, IMAGES, LABELS, OF_TEN_CLASSES, settings_of

FEW = settings(max_examples=40, deadline=None)
SHARES = st.floats(0, 1) | st.sampled_from([0.0, 1.0])
SEEDS = st.integers(0, 2**63 - 1)
NAMES = sorted({"none", *LABELS, *IMAGES} - {"shuffled_labels", *OF_TEN_CLASSES})


def with_share(name: str, share: float) -> Corruption:
    """Every probability and strength is ``share``, every size 1: it suits any image."""
    small = {float: share, int: 1}
    given = {key: small.get(type(x), x) for key, x in settings_of(name).items()}
    return partial(FUNCTIONS[name], **given)


@st.composite
def sets(draw: st.DrawFn) -> tuple[Tensor, Tensor, int]:
    """Images, labels and the number of classes; every class occurs or does not."""
    shape = [draw(st.integers(1, most)) for most in (12, 3, 6, 6)]
    classes = draw(st.integers(2, 12))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    images = torch.rand(shape, generator=generator)
    labels = torch.randint(classes, (shape[0],), generator=generator)
    return images, labels, classes


def with_origin(images: Tensor, labels: Tensor, classes: int) -> tuple[Tensor, Tensor, Origin]:
    """Made outside of the strategy: the run-time checker of types draws items of tuples."""
    return images, labels, Origin(classes, images.mean().item(), images.std(correction=0).item())


@FEW
@given(sets(), st.sampled_from(NAMES), SHARES, SEEDS)
def test_shapes_types_and_ranges(data, name, share, seed) -> None:
    images, labels, origin = with_origin(*data)
    before = images.clone(), labels.clone()
    new_images, new_labels, changed = with_share(name, share)(images, labels, seed, origin)
    assert new_images.shape == images.shape
    assert (new_images.dtype, new_labels.dtype) == (torch.float32, torch.int64)
    assert new_images.isfinite().all()
    assert 0 <= new_labels.min() <= new_labels.max() < origin.classes
    differs = (new_images != images).flatten(1).any(1) | (new_labels != labels)
    assert torch.equal(changed, differs)
    assert torch.equal(images, before[0])
    assert torch.equal(labels, before[1])


@FEW
@given(sets(), st.sampled_from(NAMES), SHARES, SEEDS, st.integers(0, 11))
def test_sample_i_depends_on_the_seed_and_i_alone(data, name, share, seed, cut) -> None:
    images, labels, origin = with_origin(*data)
    cut = min(cut, len(images) - 1)
    corruption = with_share(name, share)
    whole = corruption(images, labels, seed, origin)
    part = corruption(images[cut:], labels[cut:], seed, origin.starting_at(cut))
    assert all(torch.equal(all_[cut:], own) for all_, own in zip(whole, part, strict=True))


@FEW
@given(sets(), st.sampled_from(["shuffled_pixels", "random_pixels", "shuffled_patches"]), SEEDS)
def test_pixels_only_change_places(data, name, seed) -> None:
    images, labels, origin = with_origin(*data)
    after = with_share(name, 0.0)(images, labels, seed, origin)
    assert after.labels is labels
    assert torch.equal(after.images.flatten(2).sort().values, images.flatten(2).sort().values)
    # Channels move together: each column of channel values is one of those before.
    columns = [set(map(tuple, x.flatten(1).T.tolist())) for x in (images[0], after.images[0])]
    assert columns[0] == columns[1]


@FEW
@given(sets(), SHARES, SEEDS)
def test_the_share_of_changed_labels_is_bounded(data, share, seed) -> None:
    images, labels, origin = with_origin(*data)
    shuffled = shuffled_labels(images, labels, seed, origin, fraction=share)
    assert int(shuffled.changed.sum()) <= int(share * len(labels) + 0.5)
    assert torch.equal(shuffled.labels.bincount(), labels.bincount())
    flipped = pair_flip_labels(images, labels, seed, origin, probability=share)
    assert ((flipped.labels - labels) % origin.classes <= 1).all()
    for corruption in (random_labels, pair_flip_labels):
        changed = corruption(images, labels, seed, origin, probability=share).changed
        more = corruption(images, labels, seed, origin, probability=1.0).changed
        assert not (changed & ~more).any()
        assert share > 0 or not changed.any()
