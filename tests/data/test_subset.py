import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nullfit import assembly
from nullfit.console.messages import begin_anew
from nullfit.data.subset import stratified_indices, stratified_split
from nullfit.errors import UserError

LABELS = torch.tensor([0] * 50 + [1] * 30 + [2] * 15 + [5] * 5)[
    torch.randperm(100, generator=torch.Generator().manual_seed(3))
]


@settings(max_examples=150)
@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=80).flatmap(
        lambda labels: st.tuples(st.just(labels), st.integers(1, len(labels)))
    )
)
def test_any_subset_has_its_size_and_its_class_shares(case: tuple[list[int], int]) -> None:
    labels, size = torch.tensor(case[0]), case[1]
    chosen = stratified_indices(labels, size, 0)
    assert len(chosen) == size
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    counts, shares = torch.bincount(labels), torch.bincount(labels[chosen], minlength=7)
    present = (counts > 0).sum()
    for count, share in zip(counts.tolist(), shares.tolist(), strict=False):
        assert share <= count
        if count and size >= present:
            assert share >= 1
    if all(size * int(c) >= len(labels) for c in counts if c):  # nothing had to be raised to one
        quotas = counts * size / len(labels)
        assert ((shares[: len(counts)] - quotas).abs() < 1).all()


def test_shares_are_rounded_by_largest_remainder() -> None:
    # quotas of 13: 6.5, 3.9, 1.95, 0.65: floors 6, 3, 1 and one kept; 13 - 11 go to 1.95 and 3.9
    chosen = stratified_indices(LABELS, 13, 0)
    assert torch.bincount(LABELS[chosen]).tolist() == [6, 4, 2, 0, 0, 1]


def test_no_class_is_lost_where_the_size_allows() -> None:
    labels = torch.tensor([0] * 97 + [1, 2, 3])
    assert labels[stratified_indices(labels, 4, 0)].tolist() == [0, 1, 2, 3]
    assert len(stratified_indices(labels, 3, 0)) == 3


def test_the_seed_decides_and_smaller_subsets_lie_within_larger_ones() -> None:
    one, again, other = (stratified_indices(LABELS, 40, seed) for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert set(stratified_indices(LABELS, 20, 0).tolist()) <= set(one.tolist())


def test_the_whole_set_is_a_subset() -> None:
    assert torch.equal(stratified_indices(LABELS, 100, 0), torch.arange(100))


@pytest.mark.parametrize("size", [0, 101])
def test_an_impossible_size_names_its_key(size: int) -> None:
    with pytest.raises(
        UserError, match=rf"data\.train_limit={size} .* 100 samples\. Choose 1 to 100"
    ):
        stratified_indices(LABELS, size, 0, "data.train_limit")


def test_a_split_is_a_stratified_partition() -> None:
    kept, held_out = stratified_split(LABELS, 0.2, 0)
    assert torch.equal(torch.cat([kept, held_out]).sort().values, torch.arange(100))
    assert torch.bincount(LABELS[held_out]).tolist() == [10, 6, 3, 0, 0, 1]


def test_a_split_never_takes_the_only_sample_of_a_class_from_training() -> None:
    labels = torch.tensor([0] * 10 + [1])
    kept, held_out = stratified_split(labels, 0.5, 0)
    assert (len(kept), len(held_out)) == (5, 6) or (len(kept), len(held_out)) == (6, 5)
    assert 10 in kept


@pytest.mark.parametrize("fraction", [0.0, 0.001, 1.0])
def test_a_split_with_an_empty_side_is_refused(fraction: float) -> None:
    with pytest.raises(UserError, match=rf"data\.val_fraction={fraction} of 100 samples"):
        stratified_split(LABELS, fraction, 0, "data.val_fraction")


@pytest.mark.parametrize("more", [[], ["data.binary=[[0,1,2,3,4],[5,6,7,8,9]]"]])
def test_classes_that_a_limit_leaves_without_samples_are_told_of_once(
    make_config, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    begin_anew()
    for _ in range(2):
        train = assembly.load_dataset(make_config("data.train_limit=4", *more)).train
    assert len(train) == 4
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith(
        "nullfit: data.train_limit=4 leaves 6 of 10 classes without training samples: "
    )
    assert told.endswith(" and 1 more. From 10 on each has one.")
    begin_anew()
    assembly.load_dataset(make_config("data.train_limit=10", *more))
    assert capsys.readouterr().err == ""
