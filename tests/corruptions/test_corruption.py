"""The original statistics that corruptions may know, and the blocks that images are read in."""

from functools import partial

import pytest
import torch

from nullfit.corruptions.blockwise import blockwise, sample_blocks
from nullfit.corruptions.corruption import Corrupted, Declaration, Origin, changes, declared
from nullfit.errors import UserError


@pytest.mark.parametrize("values_per_block", [1, 500, 2**20])
def test_origin_has_population_mean_and_std_of_all_pixels(values_per_block, monkeypatch):
    monkeypatch.setattr("nullfit.corruptions.blockwise.VALUES_PER_BLOCK", values_per_block)
    images = torch.rand(50, 3, 5, 7, generator=torch.Generator().manual_seed(0))
    origin = Origin.of(images, torch.arange(50) % 7)
    assert origin.classes == 7
    assert origin.first_index == 0
    assert origin.mean == pytest.approx(float(images.double().mean()), rel=1e-12)
    assert origin.std == pytest.approx(float(images.double().std(correction=0)), rel=1e-12)


def test_origin_does_not_depend_on_the_number_of_threads():
    images = torch.rand(3000, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    labels, before = torch.zeros(3000, dtype=torch.int64), torch.get_num_threads()
    found = set()
    try:
        for threads in (1, 2, 3, 4):
            torch.set_num_threads(threads)
            found.add(Origin.of(images, labels))
    finally:
        torch.set_num_threads(before)
    assert len(found) == 1


def test_origin_of_constant_images_has_no_spread():
    images = torch.full((300, 3, 32, 32), 0.1)
    origin = Origin.of(images, torch.zeros(300, dtype=torch.int64))
    assert origin.mean == pytest.approx(float(images[0, 0, 0, 0]), rel=1e-12)
    assert origin.std < 1e-12


def test_starting_at_changes_the_index_alone():
    assert Origin(10, 0.5, 0.3).starting_at(7) == Origin(10, 0.5, 0.3, 7)


def test_changed_is_what_differs_in_image_or_label():
    images, labels = torch.zeros(4, 1, 2, 2), torch.tensor([0, 1, 2, 3])
    new_images, new_labels = images.clone(), torch.tensor([0, 5, 2, 5])
    new_images[2, 0, 1, 1] = new_images[3, 0, 0, 0] = 1
    result = Corrupted.compared(images, labels, new_images, new_labels)
    assert result.changed.tolist() == [False, True, True, True]


@pytest.mark.parametrize(("samples", "side"), [(0, 4), (1, 4), (100, 200), (3, 2000)])
def test_blocks_cover_each_sample_once_and_stay_small(samples, side):
    images = torch.empty(samples, 1, side, side)
    blocks = sample_blocks(images)
    assert [i for block in blocks for i in range(block.start, block.stop)] == list(range(samples))
    assert all(b.stop - b.start == 1 or images[b].numel() <= 2**20 for b in blocks)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(2, 1, 4, 4, dtype=torch.uint8), "torch.uint8 of shape"),
        (torch.zeros(2, 4, 4), r"\(2, 4, 4\); allowed is float32 in \[0, 1\]"),
    ],
)
def test_bytes_and_missing_channels_are_refused(images, message):
    with pytest.raises(UserError, match=message):
        blockwise(images, lambda block: images[block])


def test_a_declaration_is_seen_through_the_settings_and_those_without_one_have_none():
    @changes("images", needs_moments=True)
    def bright(images, labels, seed, origin=None, *, by):
        """A corruption of one's own."""

    assert declared(bright) == declared(partial(partial(bright, by=1), seed=0))
    assert declared(bright) == Declaration(frozenset({"images"}), needs_moments=True)
    assert declared(lambda images, labels, seed, origin=None: None) is None


def test_a_declaration_with_a_typo_is_refused():
    with pytest.raises(UserError, match=r'@changes\("label"\) is not allowed. Did you mean labels'):
        changes("label")
