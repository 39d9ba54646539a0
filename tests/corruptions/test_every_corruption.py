"""What holds for each corruption: pure, reproducible, and per sample whatever the batch."""

import hashlib
from dataclasses import replace
from functools import partial
from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nullfit.corruptions import (
    TEST_INDEX,
    Origin,
    chain,
    gaussian,
    gaussian_noise,
    none,
    pair_flip_labels,
    random_labels,
    shuffled_labels,
    shuffled_patches,
)
from nullfit.corruptions.corruption import declared
from nullfit.errors import UserError
from tests.corruptions.options import (
    ENTRIES,
    FOLDER,
    FROM_FILES,
    IMAGES,
    LABELS,
    NAMES,
    SHARED_BY_ALL_SAMPLES,
    read,
)

CHAIN = {
    "chain": partial(
        chain, steps=[LABELS["random_labels"], IMAGES["random_pixels"], IMAGES["gaussian_noise"]]
    )
}
ALL = {"none": none, **LABELS, **IMAGES, **CHAIN}  # those of entries: test_entries.py
PER_SAMPLE = {name: f for name, f in ALL.items() if name != "shuffled_labels"}


def samples(n=60, shape=(3, 8, 6), classes=10, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, *shape, generator=generator), torch.arange(n) % classes


def each(corruptions):
    return pytest.mark.parametrize("corruption", corruptions.values(), ids=corruptions.keys())


def equal(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_every_option_says_what_it_changes_and_is_tested():
    assert set(NAMES) == {*ALL, *ENTRIES, *FROM_FILES} - {"chain"}


@pytest.mark.parametrize("name", [*NAMES, "chain"])
def test_the_file_of_an_option_names_its_function_and_says_what_each_key_is(name):
    option = read(name)
    assert option["name"] == name
    assert option["_target_"] == f"nullfit.corruptions.{name}"
    own = None if name == "chain" else "both"
    assert option["apply_to"] == ("train" if name in {*LABELS, *ENTRIES, *FROM_FILES} else own)
    assert option["fresh"] is False
    for line in (FOLDER / f"{name}.yaml").read_text().splitlines():
        if not line.startswith((" ", "#", "name:", "_target_:", "steps:")):
            assert " # " in line, line


@each(ALL)
def test_same_seed_same_bytes(corruption):
    assert equal(corruption(*samples(), 3), corruption(*samples(), 3))


@each(ALL)
def test_moments_are_known_to_those_that_declare_it(corruption):
    declaration = declared(corruption)
    if declaration and declaration.needs_moments:
        with pytest.raises(UserError, match="not measured"):
            corruption(*samples(), 3, Origin(10))
    else:
        corruption(*samples(), 3, Origin(10))


@each({name: f for name, f in ALL.items() if name != "none"})
def test_another_seed_gives_another_draw(corruption):
    first, second = corruption(*samples(), 3), corruption(*samples(), 4)
    assert not (
        torch.equal(first.images, second.images) and torch.equal(first.labels, second.labels)
    )


@each(ALL)
def test_arguments_stay_as_they_are(corruption):
    images, labels = samples()
    corruption(images, labels, 3)
    assert equal((images, labels), samples())


@each(LABELS)
def test_label_corruptions_return_the_same_images_object(corruption):
    images, labels = samples()
    result = corruption(images, labels, 3)
    assert result.images is images
    assert torch.equal(result.changed, result.labels != labels)
    assert result.changed.any()


@each(IMAGES)
def test_pixel_corruptions_return_the_same_labels_object(corruption):
    images, labels = samples()
    images[7] = 0.5  # a constant image: no permutation changes it
    result = corruption(images, labels, 3)
    assert result.labels is labels
    assert torch.equal(result.changed, (result.images != images).flatten(1).any(1))
    assert result.changed.sum() >= 59


def test_none_returns_the_same_objects_and_changes_nothing():
    images, labels = samples()
    result = none(images, labels, 0)
    assert result.images is images
    assert result.labels is labels
    assert not result.changed.any()


@pytest.mark.parametrize("values_per_block", [1, 1000, 2**20])
@each(PER_SAMPLE)
def test_same_bytes_whatever_the_batching(corruption, values_per_block, monkeypatch):
    images, labels = samples()
    origin = Origin.of(images, labels).starting_at(TEST_INDEX + 11)
    together = corruption(images, labels, 3, origin)
    monkeypatch.setattr("nullfit.corruptions.blockwise.VALUES_PER_BLOCK", values_per_block)
    for start, stop in [(0, 1), (1, 18), (18, 60), (59, 60)]:
        part = corruption(
            images[start:stop], labels[start:stop], 3, origin.starting_at(TEST_INDEX + 11 + start)
        )
        assert equal(part, [whole[start:stop] for whole in together])


@pytest.mark.parametrize("threads", [1, 3])
@each(IMAGES)
def test_same_bytes_whatever_the_number_of_threads(corruption, threads):
    images, labels = samples(400, (3, 16, 16))
    origin = Origin.of(images, labels)
    expected = corruption(images, labels, 3, origin)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert equal(corruption(images, labels, 3, origin), expected)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("name", [name for name in ALL if name not in SHARED_BY_ALL_SAMPLES])
def test_test_samples_share_no_draw_with_training_samples(name):
    images, labels = samples()
    images[:], labels[:] = images[0], labels[0]
    origin = Origin(10, 0.5, 0.3)
    train = ALL[name](images, labels, 3, origin)
    test = ALL[name](images, labels, 3, origin.starting_at(TEST_INDEX))
    if name in ("shuffled_labels", "pair_flip_labels"):  # equal labels would hide the draw
        labels = torch.arange(60) % 10
        train = ALL[name](images, labels, 3, origin)
        test = ALL[name](images, labels, 3, origin.starting_at(TEST_INDEX))
    assert not equal(train[:2], test[:2])


@pytest.mark.parametrize("name", [name for name in IMAGES if name not in SHARED_BY_ALL_SAMPLES])
def test_samples_draw_independently_of_each_other(name):
    images, labels = samples(40, (1, 20, 20))
    images[:] = images[0]
    drawn = ALL[name](images, labels, 3).images.flatten(1)
    drawn -= drawn.mean(0)  # what is left of the image, and the same for all
    correlation = torch.corrcoef(drawn) - torch.eye(40)
    assert correlation.abs().max() < 5 / 20  # five standard errors of 400 pixels


@pytest.mark.parametrize(
    ("first", "second"), [*combinations(["gaussian", "uniform_pixels", "gaussian_noise"], 2)]
)
def test_corruptions_with_one_seed_do_not_share_their_noise(first, second):
    images, labels = torch.full((20, 1, 32, 32), 0.5), torch.arange(20) % 10
    origin = Origin(10, 0.5, 0.3)
    pair = [ALL[name](images, labels, 3, origin).images.flatten() for name in (first, second)]
    assert torch.corrcoef(torch.stack(pair))[0, 1].abs() < 5 / len(pair[0]) ** 0.5


def test_label_corruptions_with_one_seed_choose_independently():
    images, labels = samples(20_000, (1, 1, 1))
    flipped = pair_flip_labels(images, labels, 3, probability=0.5).changed
    replaced = random_labels(images, labels, 3, probability=0.5).changed
    shuffled = shuffled_labels(images, labels, 3, fraction=0.5).changed
    correlation = torch.corrcoef(torch.stack([flipped, replaced, shuffled]).double())
    assert (correlation - torch.eye(3)).abs().max() < 5 / 20_000**0.5


@each(ALL)
@given(
    n=st.integers(1, 9),
    shape=st.tuples(
        st.integers(1, 4), st.sampled_from([2, 4, 6, 10]), st.sampled_from([2, 4, 8, 12])
    ),
    seed=st.integers(0, 2**63 - 1),
    first_index=st.integers(0, 2**41),
)
def test_any_shape_and_seed(corruption, n, shape, seed, first_index):
    images, labels = samples(n, shape)
    origin = replace(Origin.of(images, labels), classes=10).starting_at(first_index)
    result = corruption(images, labels, seed, origin)
    assert result.images.shape == images.shape
    assert result.images.isfinite().all()
    assert set(result.labels.tolist()) <= set(range(origin.classes))
    last = corruption(images[-1:], labels[-1:], seed, origin.starting_at(first_index + n - 1))
    if getattr(corruption, "func", None) is not shuffled_labels:
        assert equal(last, [whole[-1:] for whole in result])


@each(ALL)
def test_memory_layout_of_the_images_does_not_matter(corruption):
    images, labels = samples()
    strided = images.to(memory_format=torch.channels_last)
    origin = Origin.of(images, labels)
    assert equal(corruption(images, labels, 3, origin), corruption(strided, labels, 3, origin))


# Draws must not change from version to version: results in papers are repeated from their seed.
GOLDEN = {
    "random_labels": "413127e8055a2da4",
    "shuffled_labels": "dd7668a5be5e68dc",
    "pair_flip_labels": "a4bdc47c43e7528f",
    "asymmetric_labels": "9ebbba23ea42cf22",
    "transition_matrix": "694fa93cbba8e376",
    "shuffled_pixels": "d8272712daa15646",
    "random_pixels": "0a7195243eec4da4",
    "uniform_pixels": "8367f71def48d4dc",
    "shuffled_patches": "2503e01f0d1e9d3c",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_draw_is_the_one_of_earlier_versions(name):
    images = torch.arange(60 * 2 * 6 * 4, dtype=torch.float32).view(60, 2, 6, 4) / 4096
    labels = torch.arange(60) % 10
    result = ALL[name](images, labels, 2017, Origin(10, 0.5, 0.3, first_index=5))
    content = result.images.numpy().tobytes() + result.labels.numpy().tobytes()
    assert hashlib.blake2b(content, digest_size=8).hexdigest() == GOLDEN[name]


def test_the_gaussian_draw_is_the_one_of_earlier_versions_to_rounding():
    images, labels = torch.full((2, 1, 1, 3), 0.5), torch.arange(2)
    drawn = gaussian(images, labels, 2017, Origin(10, 0.5, 0.3, first_index=5)).images
    noisy = gaussian_noise(images, labels, 2017, Origin(10, 0.5, 0.3, 5), sigma=0.1).images
    assert drawn.flatten().tolist() == pytest.approx(
        [0.3626567, 0.4910442, 0.9402347, 0.4225782, 0.7322638, 0.8878988], rel=1e-5
    )
    assert noisy.flatten().tolist() == pytest.approx(
        [0.5710970, 0.5720540, 0.4623527, 0.3009509, 0.5729434, 0.5240673], rel=1e-5
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (partial(random_labels, probability=1.5), "corruption.probability=1.5 is out of range"),
        (
            partial(pair_flip_labels, probability=-0.1),
            "corruption.probability=-0.1 is out of range",
        ),
        (partial(shuffled_labels, fraction=2.0), "corruption.fraction=2.0 is out of range"),
        (partial(gaussian_noise, sigma=-1.0), "corruption.sigma=-1.0 is out of range"),
        (partial(gaussian_noise, sigma=float("nan")), "corruption.sigma=nan is out of range"),
        (
            partial(shuffled_patches, patch=3),
            r"corruption.patch=3 does not divide images of 8×6 pixels; allowed: 1, 2\.$",
        ),
        (partial(shuffled_patches, patch=0), r"allowed: 1, 2\.$"),
    ],
)
def test_settings_out_of_range_are_refused(call, message):
    with pytest.raises(UserError, match=message):
        call(*samples(), 0)
