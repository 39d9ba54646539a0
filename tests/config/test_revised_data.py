"""Runs whose data a fault had changed have another identity since; all others keep theirs."""

import pytest

from nullfit.config.revisions import revisions

NUMBERED = "samples numbered by their place in the source"
AFTER_CROP = "images cropped and augmented before they are corrupted"
CROPPED = "data=cifar10", "regularizer=random_crop"
IN_CHAIN = "corruption=chain", "corruption.steps=[shuffled_pixels,{name:gaussian_noise,sigma:0.2}]"
HARMLESS_CHAIN = "corruption=chain", "corruption.steps=[shuffled_pixels,shuffled_labels]"


@pytest.mark.parametrize(
    "overrides",
    [
        ["corruption=random_labels", "data.train_limit=300"],
        ["corruption=pair_flip_labels", "data.val_fraction=0.1"],
        ["corruption=random_pixels", "data.test_limit=100"],
        ["corruption=gaussian", "corruption.apply_to=test", "data.val_fraction=0.1"],
        ["corruption=uniform_pixels", "corruption.apply_to=train", "data.train_limit=300"],
        ["corruption=chain", "data.train_limit=300"],  # whose first step is random_labels
        [*IN_CHAIN, "data.test_limit=300"],
    ],
)
def test_draws_by_the_sample_changed_with_a_subset(make_config, overrides: list[str]) -> None:
    assert NUMBERED in revisions(make_config(*overrides).plain())
    whole = [override for override in overrides if not override.startswith("data.")]
    assert NUMBERED not in revisions(make_config(*whole).plain())


@pytest.mark.parametrize(
    "overrides",
    [
        ["corruption=none", "data.train_limit=300", "data.val_fraction=0.1"],
        ["corruption=shuffled_pixels", "data.train_limit=300", "data.test_limit=100"],
        ["corruption=shuffled_labels", "data.train_limit=300"],
        ["corruption=random_labels", "data.test_limit=100"],
        ["corruption=random_labels", "corruption.probability=0.0", "data.train_limit=300"],
        ["corruption=gaussian", "corruption.apply_to=test", "data.train_limit=300"],
        ["corruption=gaussian_noise", "corruption.sigma=0.0", "data.train_limit=300"],
        [*HARMLESS_CHAIN, "data.train_limit=300"],
    ],
)
def test_what_is_drawn_for_no_sample_did_not(make_config, overrides: list[str]) -> None:
    assert NUMBERED not in revisions(make_config(*overrides).plain())


@pytest.mark.parametrize(
    "overrides",
    [
        ["corruption=shuffled_pixels", "regularizer=random_crop"],
        ["corruption=gaussian", "regularizer=augmentation"],
        ["corruption=shuffled_patches", "corruption.apply_to=train", "regularizer=augmentation"],
        ["corruption=uniform_pixels", "corruption.apply_to=test", *CROPPED],
        ["corruption=chain", "regularizer=[weight_decay,random_crop]"],
        [*IN_CHAIN, "regularizer=[random_crop,augmentation]"],
    ],
)
def test_corruptions_of_images_changed_with_random_crops(make_config, overrides) -> None:
    assert AFTER_CROP in revisions(make_config(*overrides).plain())
    assert revisions(make_config(*overrides[:-1], "regularizer=weight_decay").plain()) == []


@pytest.mark.parametrize(
    "overrides",
    [
        ["corruption=none", "regularizer=random_crop"],
        ["corruption=random_labels", *CROPPED],
        ["corruption=chain", "corruption.steps=[random_labels]", "regularizer=augmentation"],
        ["corruption=gaussian", "corruption.apply_to=test", "regularizer=augmentation"],
        ["corruption=gaussian_noise", "corruption.sigma=0", "regularizer=random_crop"],
    ],
)
def test_corruptions_of_labels_and_of_test_images_without_a_crop_did_not(
    make_config, overrides
) -> None:
    assert revisions(make_config(*overrides).plain()) == []
