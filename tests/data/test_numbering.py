"""What a corruption does to a sample is the same in whatever subset the sample is taken."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from nullfit import assembly
from nullfit import corruptions as c
from nullfit.config.corruptions import corruption_steps
from nullfit.corruptions.step import Step
from nullfit.data import Dataset, ImageSet, Preprocessing, RandomizedData, Split, randomize
from nullfit.data.limit import limit
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.tasks.show import sample_rows

LABELS = partial(c.random_labels, probability=0.5)
BY_SAMPLE = {
    "random_labels": [Step(LABELS, "train")],
    "pair_flip_labels": [Step(partial(c.pair_flip_labels, probability=0.5), "train")],
    "random_pixels": [Step(c.random_pixels, "both")],
    "uniform_pixels": [Step(c.uniform_pixels, "both")],
    "gaussian_noise": [Step(partial(c.gaussian_noise, sigma=0.3), "both")],
    "chain": [Step(c.uniform_pixels, "test", 0), Step(LABELS, "train", 1)],
}
UNTOUCHED = Preprocessing(whitening="none")
SUBSETS = {
    "train_limit": {"train": 40},
    "test_limit": {"test": 9},
    "val_fraction": {"val": 0.3},
    "all": {"train": 50, "test": 9, "val": 0.2},
}
Outcome = dict[float, tuple[int, list[float]]]  # label and pixels by the sample


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Each label and each set of pixels occurs once, so that a sample is known by its first."""
    draws = torch.Generator().manual_seed(0)

    def split(samples: int) -> ImageSet:
        images = torch.rand(samples, 1, 3, 3, generator=draws)
        return ImageSet(images, torch.arange(samples) % 3, ("a", "b", "c"), "drawn for this test")

    return Dataset("drawn", split(80), split(20))


def drawn(dataset: Dataset, steps: list[Step], train=None, test=None, val=0.0) -> RandomizedData:
    return randomize(limit(dataset, train, test), steps, 3, UNTOUCHED, val)


def outcome(split: Split, clean: ImageSet, at: Tensor) -> Outcome:
    """What became of each sample, by its first true pixel; ``at`` are its samples' places."""
    names = clean.unit_images()[at, 0, 0, 0].tolist()
    made = zip(split.labels.tolist(), split.images.flatten(1).tolist(), strict=True)
    return dict(zip(names, made, strict=True))


def places(data: RandomizedData, dataset: Dataset, **subset) -> Iterator[tuple[Split, Tensor]]:
    """The splits of the training set with the places of their samples, found without numbers."""
    without = drawn(dataset, [Step(c.none, "both")], **subset)
    by_pixel = {
        value: i for i, value in enumerate(dataset.train.unit_images()[:, 0, 0, 0].tolist())
    }
    for split, clean in ((data.train, without.train), (data.val, without.val)):
        if split is not None and clean is not None:
            yield split, torch.tensor([by_pixel[v] for v in clean.images[:, 0, 0, 0].tolist()])


@pytest.mark.parametrize("steps", BY_SAMPLE.values(), ids=BY_SAMPLE)
@pytest.mark.parametrize("subset", SUBSETS.values(), ids=SUBSETS)
def test_a_subset_of_the_samples_has_that_subset_of_the_outcome(
    dataset: Dataset, steps: list[Step], subset: dict[str, float]
) -> None:
    whole, part = drawn(dataset, steps), drawn(dataset, steps, **subset)
    expected = outcome(whole.train, dataset.train, torch.arange(80))
    train, *val = places(part, dataset, **subset)
    found = outcome(train[0], dataset.train, train[1])
    assert found == {name: expected[name] for name in found}
    assert len(found) == len(part.train)
    for split, at in val:  # labels stay; images become what they become in the training part
        held = outcome(split, dataset.train, at)
        assert not held.keys() & found.keys()
        if all(step.apply_to == "both" for step in steps):
            assert held == {name: expected[name] for name in held}
    whole_test = {tuple(image) for image in whole.test.images.flatten(1).tolist()}
    assert whole_test >= {tuple(image) for image in part.test.images.flatten(1).tolist()}


def test_gaussian_noise_is_that_of_the_sample_on_the_scale_of_those_trained_on(
    dataset: Dataset,
) -> None:
    def standard(data: RandomizedData, clean: Tensor) -> Tensor:
        return (data.test.images - clean.mean()) / clean.std(correction=0)

    steps = [Step(c.gaussian, "both")]
    small = limit(dataset, train=30).train
    whole, part = drawn(dataset, steps), drawn(dataset, steps, train=30)
    assert small.places is not None
    ours = (part.train.images - small.images.mean()) / small.images.std(correction=0)
    full = dataset.train.images
    theirs = (whole.train.images - full.mean()) / full.std(correction=0)
    torch.testing.assert_close(ours, theirs[small.places], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        standard(part, small.images), standard(whole, full), atol=1e-5, rtol=1e-5
    )


def test_a_fresh_draw_belongs_to_the_sample_too(dataset: Dataset) -> None:
    whole, part = (
        randomize(limit(dataset, train), BY_SAMPLE["random_labels"], 0, UNTOUCHED, 0.0, fresh=True)
        for train in (None, 40)
    )
    at = limit(dataset, 40).train.places
    assert whole.redraw is not None
    assert part.redraw is not None
    assert torch.equal(part.redraw(2).labels, whole.redraw(2).labels[at])


def test_shuffled_labels_are_permuted_among_the_samples_chosen(dataset: Dataset) -> None:
    small = limit(dataset, 40).train
    data = drawn(dataset, [Step(partial(c.shuffled_labels, fraction=1.0), "train")], train=40)
    assert data.train.labels.bincount().tolist() == small.labels.bincount().tolist()
    own = Dataset("own", small.subset(range(40)), dataset.test)  # the same whatever they were of
    again = drawn(own, [Step(partial(c.shuffled_labels, fraction=1.0), "train")])
    assert torch.equal(data.train.labels, again.train.labels)


def test_subsets_of_subsets_keep_the_places_of_the_source(dataset: Dataset) -> None:
    first = dataset.train.selection(torch.tensor([5, 3, 70, 8]))
    second = first.selection(torch.tensor([2, 0]))
    assert second.places is not None
    assert second.places.tolist() == [70, 5]
    assert torch.equal(second.images, dataset.train.images[[70, 5]])
    assert second.subset([0]).places is None


def test_the_labels_of_digits_do_not_depend_on_the_limits(make_config) -> None:
    def labels(*overrides: str) -> dict[bytes, int]:
        config = make_config("corruption=random_labels", "data.whitening=none", *overrides)
        train = assembly.randomized_data(config).train
        pixels = [image.numpy().tobytes() for image in train.images]
        return dict(zip(pixels, train.labels.tolist(), strict=True))

    whole = labels()
    for overrides in (["data.train_limit=300"], ["data.val_fraction=0.2"]):
        part = labels(*overrides)
        assert part == {pixels: whole[pixels] for pixels in part}


def test_the_picture_shows_the_labels_that_are_trained_on(make_config) -> None:
    config = make_config("corruption=random_labels", "data.train_limit=300")
    (row,) = sample_rows(config, ["random_labels"], 10)
    trained = assembly.randomized_data(config).examples
    assert torch.equal(row.labels, trained.labels)
    assert [step.corruption.func for step in corruption_steps(config)] == [c.random_labels]


def test_streamed_images_ask_for_scattered_samples(tmp_path: Path) -> None:
    # In an order of their own, as batches come: what is drawn is that of each sample.
    labels = torch.zeros(9, dtype=torch.int64)
    images = torch.rand(9, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    clean = ImageSet(images, labels, ("a",), "drawn").selection(torch.tensor([8, 1, 2, 6, 4]))
    data = randomize(Dataset("drawn", clean, clean), [Step(c.random_pixels, "train")], 0, UNTOUCHED)
    whole = c.random_pixels(images, labels, 0).images
    assert torch.equal(data.train.images, whole[[8, 1, 2, 6, 4]])
    assert not isinstance(data.train.pixels, LazyImages)
