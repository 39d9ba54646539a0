"""Which configurations have other data since a fault was mended, for `nullfit.config.revisions`."""

from collections.abc import Iterator, Mapping
from typing import Any

Config = Mapping[str, Any]

_LABELS = {
    *("random_labels", "pair_flip_labels", "shuffled_labels"),
    *("asymmetric_labels", "transition_matrix", "labels_from_file"),
}
_IMAGES = {
    "shuffled_pixels",
    "random_pixels",
    "gaussian",
    "uniform_pixels",
    "gaussian_noise",
    "shuffled_patches",
}
# Those that draw for each sample: the others draw once for all, or nothing.
_BY_SAMPLE = {
    "random_labels",
    "pair_flip_labels",
    "random_pixels",
    "gaussian",
    "uniform_pixels",
    "gaussian_noise",
}


def section_of(config: Config, name: str) -> Config:
    """A section of a configuration; empty if there is none."""
    section = config.get(name)
    return section if isinstance(section, Mapping) else {}


def numbered_within_subset(config: Config) -> bool:
    """Whether draws went by a sample's place in the subset, instead of its place in the source."""
    data = section_of(config, "data")
    held_out = bool(data.get("val_fraction"))
    train = held_out or data.get("train_limit") is not None
    test = held_out or data.get("test_limit") is not None  # held-out images are corrupted as those
    return any(
        function in _BY_SAMPLE and ((train and "train" in splits) or (test and "test" in splits))
        for function, splits in _corrupted(config)
    )


def corrupted_before_crop(config: Config) -> bool:
    """Whether images were corrupted first, and cropped and augmented afterwards."""
    regularizer = section_of(config, "regularizer")
    if not (regularizer.get("random_crop") or regularizer.get("augmentation")):
        return False
    cropped = section_of(config, "data").get("crop") is not None
    return any(
        function not in _LABELS and ("train" in splits or cropped)
        for function, splits in _corrupted(config)
    )


def _corrupted(config: Config) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The corruptions that do something, by the names of their functions, and where they do.

    One of a user's own is named by its whole target, or in a chain by its option.
    """
    corruption = section_of(config, "corruption")
    steps = corruption.get("steps") if _function(corruption) == "chain" else [corruption]
    for given in steps or []:
        step = given if isinstance(given, Mapping) else {"name": given}
        function = _function(step)
        if function == "none" or 0 in (step.get("probability"), step.get("sigma")):
            continue
        where = step.get("apply_to") or ("train" if function in _LABELS else "both")
        yield function, ("train", "test") if where == "both" else (where,)


def _function(step: Config) -> str:
    target = str(step.get("_target_") or step.get("name"))
    return target.rpartition(".")[2] if target.startswith("nullfit.corruptions.") else target
