"""Crop, corrupt, whiten: in this order, on the right splits, from one seed."""

from functools import partial

import pytest
import torch

from nullfit.corruptions import gaussian, none, random_labels, random_pixels, shuffled_pixels
from nullfit.corruptions.corruption import Corrupted
from nullfit.corruptions.step import Step
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.limit import limit
from nullfit.data.preprocessing import Preprocessing
from nullfit.data.randomize import randomize
from nullfit.data.sources.digits import digits
from nullfit.data.whitening import whiten
from nullfit.errors import UserError

LABELS = Step(partial(random_labels, probability=1.0), "train")
SHUFFLED = Step(shuffled_pixels, "both")
UNTOUCHED = Preprocessing(whitening="none")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return digits()


@pytest.fixture(scope="module")
def bytes_dataset() -> Dataset:
    """Colour images in bytes, as files hold them."""
    draws = torch.Generator().manual_seed(0)

    def split(samples: int) -> ImageSet:
        images = torch.randint(0, 256, (samples, 3, 10, 10), dtype=torch.uint8, generator=draws)
        labels = torch.arange(samples) % 4
        return ImageSet(images, labels, ("a", "b", "c", "d"), "drawn for this test")

    return Dataset("drawn", split(40), split(20))


def test_without_corruption_images_are_only_whitened(dataset) -> None:
    data = randomize(dataset, [Step(none, "both")], seed=0)
    torch.testing.assert_close(data.train.images, whiten(dataset.train.images))
    assert torch.equal(data.train.labels, dataset.train.labels)
    assert data.labels_changed == data.images_changed == 0
    assert data.test_clean is data.test


def test_the_source_is_left_alone(dataset, bytes_dataset) -> None:
    for source in (dataset, bytes_dataset):
        before = (
            source.train.images.clone(),
            source.test.images.clone(),
            source.train.labels.clone(),
        )
        for steps in ([LABELS], [SHUFFLED], [Step(gaussian, "both")]):
            randomize(source, steps, seed=0)
        after = source.train.images, source.test.images, source.train.labels
        assert all(torch.equal(b, a) for b, a in zip(before, after, strict=True))


def test_random_labels_change_nine_of_ten_and_no_test_label(dataset) -> None:
    data = randomize(dataset, [LABELS], seed=0)
    assert data.labels_changed == pytest.approx(0.9, abs=0.03)
    assert data.images_changed == 0
    assert torch.equal(data.test.labels, dataset.test.labels)
    assert torch.equal(data.train.true_labels, dataset.train.labels)
    assert torch.equal(data.train.label_changed, data.train.labels != dataset.train.labels)


def test_train_and_test_share_one_permutation(dataset) -> None:
    data = randomize(dataset, [SHUFFLED], seed=3, preprocessing=UNTOUCHED)
    order = shuffled_pixels(torch.arange(64.0).reshape(1, 1, 8, 8), torch.zeros(1).long(), 3)
    permutation = order.images.flatten().long()
    for after, before in ((data.train, dataset.train), (data.test, dataset.test)):
        assert torch.equal(after.images.flatten(1), before.images.flatten(1)[:, permutation])
    assert torch.equal(data.test_clean.images, dataset.test.images)


@pytest.mark.parametrize("corruption", [random_pixels, gaussian])  # which needs moments
@pytest.mark.parametrize("whitening", ["per_image", "per_channel"])
def test_another_test_set_is_the_clean_one_under_its_corruption(
    bytes_dataset, corruption, whitening
) -> None:
    settings = 3, Preprocessing(6, whitening)
    step = Step(corruption, "test")
    as_test_set = randomize(bytes_dataset, [step], *settings)
    noisy_labels = randomize(bytes_dataset, [LABELS], *settings, other_tests={"other": step})
    found = noisy_labels.other_tests["other"]
    assert torch.equal(found.images, as_test_set.test.images)
    assert torch.equal(found.labels, bytes_dataset.test.labels)
    assert torch.equal(noisy_labels.test.images, as_test_set.test_clean.images)
    double = noisy_labels.to(torch.device("cpu"), torch.float64)
    assert double.other_tests["other"].images.dtype == torch.float64


def test_another_test_set_is_not_corrupted_by_the_run_as_well(dataset) -> None:
    other = {"other": Step(random_pixels, "test", None)}
    alone = randomize(dataset, [Step(none, "both")], 3, UNTOUCHED, other_tests=other)
    beside = randomize(dataset, [Step(gaussian, "both")], 3, UNTOUCHED, other_tests=other)
    assert torch.equal(alone.other_tests["other"].images, beside.other_tests["other"].images)
    without = randomize(dataset, [Step(gaussian, "both")], 3, UNTOUCHED)
    assert torch.equal(beside.train.images, without.train.images)


def test_another_test_set_keeps_its_labels(dataset) -> None:
    other = {"other": Step(partial(random_labels, probability=1.0), "test")}
    with pytest.raises(UserError, match=r"^data\.test_corruptions: other changes labels"):
        randomize(dataset, [LABELS], 0, other_tests=other)


def test_a_chain_shares_its_permutation_whatever_stands_before_it(dataset) -> None:
    steps = [
        Step(partial(random_labels, probability=1.0), "train", 0),
        Step(shuffled_pixels, "both", 1),
    ]
    data = randomize(dataset, steps, seed=3, preprocessing=UNTOUCHED)
    sums = [s.images.sum(0).flatten() for s in (data.train, data.test)]
    clean = [s.images.sum(0).flatten() for s in (dataset.train, dataset.test)]
    # A pixel that is black in every image stays black, wherever it went: the same place in both.
    black = [(after == 0).nonzero().flatten().tolist() for after in sums]
    assert set(black[0]) <= set(black[1])
    assert [int((before == 0).sum()) for before in clean] == [len(b) for b in black]


def test_no_test_image_gets_the_permutation_of_a_training_image(dataset) -> None:
    step = Step(random_pixels, "both")
    same = Dataset("same", dataset.train, dataset.train)
    data = randomize(same, [step], seed=0, preprocessing=UNTOUCHED)
    assert not torch.equal(data.train.images, data.test.images)


def test_gaussian_test_images_have_the_moments_of_the_training_images(dataset) -> None:
    dark = Dataset(
        "dark test",
        dataset.train,
        ImageSet(dataset.test.images * 0, dataset.test.labels, dataset.test.classes, "dark"),
    )
    data = randomize(dark, [Step(gaussian, "both")], seed=0, preprocessing=UNTOUCHED)
    original = dataset.train.images
    assert data.test.images.mean() == pytest.approx(float(original.mean()), abs=0.01)
    assert data.test.images.std() == pytest.approx(float(original.std()), abs=0.01)


def test_crop_comes_first_and_whitening_last(bytes_dataset) -> None:
    seen = []

    def spy(images, labels, seed, origin=None):
        seen.append((images.shape[-2:], float(images.min()), float(images.max())))
        return Corrupted(images, labels, torch.zeros(len(labels), dtype=torch.bool))

    data = randomize(bytes_dataset, [Step(spy, "both")], 0, Preprocessing(crop=6))
    assert {shape for shape, *_ in seen} == {(6, 6)}
    assert all(low >= 0 and high <= 1 for _, low, high in seen)
    assert data.input_shape == (3, 6, 6)
    means = data.train.images.mean((1, 2, 3))
    torch.testing.assert_close(means, torch.zeros_like(means), atol=1e-5, rtol=0)


def test_left_to_the_batches_images_come_whole_and_prepare_finishes_them(bytes_dataset) -> None:
    early = randomize(bytes_dataset, [Step(none, "both")], 0, Preprocessing(crop=6))
    late = randomize(
        bytes_dataset, [Step(none, "both")], 0, Preprocessing(crop=6, while_training=True)
    )
    assert late.train.images.shape[-1] == 10
    assert late.input_shape == early.input_shape
    assert late.train.prepare is not None
    made = late.train.prepare(late.train.images, slice(None))
    torch.testing.assert_close(made, early.train.images)
    assert torch.equal(late.test.images, early.test.images)  # only what is trained on is left


def test_held_out_part_is_stratified_and_keeps_its_labels(dataset) -> None:
    data = randomize(dataset, [LABELS], seed=0, val_fraction=0.2)
    assert data.val is not None
    assert len(data.val) + len(data.train) == len(dataset.train)
    assert torch.equal(data.val.labels, data.val.true_labels)
    shares = data.val.labels.bincount() / dataset.train.labels.bincount()
    assert shares.min() > 0.18
    assert shares.max() < 0.22


def test_the_draw_follows_from_the_seed_alone(dataset) -> None:
    first, again, other = (randomize(dataset, [LABELS], seed) for seed in (0, 0, 1))
    assert torch.equal(first.train.labels, again.train.labels)
    assert not torch.equal(first.train.labels, other.train.labels)


def test_a_fresh_corruption_is_another_in_every_epoch_and_repeats_by_epoch(dataset) -> None:
    data = randomize(dataset, [LABELS], seed=0, fresh=True)
    assert data.redraw is not None
    first, second = data.redraw(0), data.redraw(1)
    assert torch.equal(data.train.labels, first.labels)
    assert not torch.equal(first.labels, second.labels)
    assert torch.equal(second.labels, data.redraw(1).labels)
    torch.testing.assert_close(second.images, data.train.images)


def test_fixed_corruption_is_not_drawn_again(dataset) -> None:
    assert randomize(dataset, [LABELS], seed=0).redraw is None


def test_a_corruption_that_changes_test_labels_is_refused(dataset) -> None:
    with pytest.raises(UserError, match=r"corruption\.apply_to.*never corrupted. Allowed: train"):
        randomize(dataset, [Step(partial(random_labels, probability=1.0), "both")], seed=0)


def test_limits_take_stratified_subsets(dataset) -> None:
    small = limit(dataset, train=100, test=50)
    assert (len(small.train), len(small.test)) == (100, 50)
    assert small.train.labels.bincount().tolist() == [10] * 10


def test_a_limit_beyond_the_set_is_refused(dataset) -> None:
    with pytest.raises(UserError, match=r"data\.train_limit=9999"):
        limit(dataset, train=9999)
