"""Which entries are trained on."""

import pytest
import torch

from nullfit.data.sources.generated_ratings import generated_ratings
from nullfit.errors import UserError
from nullfit.tasks.factorization.split import RatingSplit

MATRIX = generated_ratings(40, 30, 2, 0.1, 0.5, seed=0)


def test_every_observed_entry_is_in_one_part() -> None:
    split = RatingSplit.of(MATRIX, 0.7, seed=0)
    assert len(split.train) == round(0.7 * len(MATRIX))
    everything = torch.cat([split.train, split.test]).sort().values
    assert torch.equal(everything, torch.arange(len(MATRIX)))


def test_a_larger_share_holds_a_smaller_one() -> None:
    small, large = (RatingSplit.of(MATRIX, share, seed=3).train for share in (0.2, 0.6))
    assert set(small.tolist()) < set(large.tolist())


def test_seeds_split_differently() -> None:
    first, second = (RatingSplit.of(MATRIX, 0.5, seed).train for seed in (0, 1))
    assert not torch.equal(first, second)


@pytest.mark.parametrize(("share", "what"), [(0.0001, "train"), (0.9999, "test")])
def test_a_share_that_leaves_nothing_is_refused(share, what) -> None:
    with pytest.raises(UserError, match=f"train_share={share} of .* no entry to {what} on"):
        RatingSplit.of(MATRIX, share, seed=0)
