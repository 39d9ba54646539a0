"""Corruptions of the entries of a matrix."""

from functools import partial

import pytest
import torch

from nullfit.corruptions import gaussian_entries, none, shuffled_entries
from nullfit.corruptions.step import Step, corrupt_entries
from nullfit.errors import UserError

BOTH = pytest.mark.parametrize("corruption", [shuffled_entries, gaussian_entries])


def values(n=20_000):
    return torch.rand(n, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 4 + 1


@BOTH
def test_arguments_stay_and_the_draw_follows_from_the_seed(corruption) -> None:
    given = values()
    first, again, other = (corruption(given, seed, fraction=0.5) for seed in (3, 3, 4))
    assert torch.equal(given, values())
    assert torch.equal(first.values, again.values)
    assert not torch.equal(first.values, other.values)
    assert torch.equal(first.changed, first.values != given)


@BOTH
@pytest.mark.parametrize("fraction", [0.0, 0.25, 1.0])
def test_the_fraction_that_is_asked_for_is_changed(corruption, fraction) -> None:
    changed = corruption(values(), 0, fraction=fraction).changed
    assert int(changed.sum()) == pytest.approx(fraction * 20_000, abs=3)  # a few may stay in place


def test_shuffled_entries_keep_the_multiset() -> None:
    after = shuffled_entries(values(), 0, fraction=0.6).values
    assert torch.equal(after.sort().values, values().sort().values)


def test_gaussian_entries_keep_mean_and_variance() -> None:
    given, after = values(), gaussian_entries(values(), 0, fraction=1.0).values
    assert float(after.mean()) == pytest.approx(float(given.mean()), abs=5 * 1.2 / 20_000**0.5)
    assert float(after.var()) == pytest.approx(float(given.var()), rel=0.05)
    assert abs(float(torch.corrcoef(torch.stack([given, after]))[0, 1])) < 5 / 20_000**0.5


def test_a_larger_fraction_of_noise_holds_a_smaller_one() -> None:
    some, more = (gaussian_entries(values(), 0, fraction=share) for share in (0.2, 0.5))
    assert torch.equal(more.values[some.changed], some.values[some.changed])


@BOTH
def test_a_fraction_out_of_range_is_refused(corruption) -> None:
    with pytest.raises(UserError, match=r"corruption\.fraction=1\.5 is out of range"):
        corruption(values(), 0, fraction=1.5)


def test_steps_of_a_chain_draw_by_their_place_and_none_is_skipped() -> None:
    noise = partial(gaussian_entries, fraction=0.5)
    steps = [Step(partial(none), "both", 0), Step(noise, "train", 1), Step(noise, "train", 2)]
    after = corrupt_entries(values(), steps, 0)
    assert int(after.changed.sum()) == pytest.approx(15_000, abs=5 * 3750**0.5)
