"""Smaller data sets: ``data.train_limit`` and ``data.test_limit``."""

from dataclasses import replace

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.subset import stratified_indices

# The same subset for every seed of a study: seeds vary the randomization, not the data.
SUBSET_SEED = 0


def limit(dataset: Dataset, train: int | None = None, test: int | None = None) -> Dataset:
    """A stratified subset of each split; its samples keep their places, so their corruption too.

    Raises:
        UserError: a limit is larger than its split.
    """
    return replace(
        dataset,
        train=_limited(dataset.train, train, "data.train_limit"),
        test=_limited(dataset.test, test, "data.test_limit"),
    )


def _limited(images: ImageSet, size: int | None, key: str) -> ImageSet:
    if size is None:
        return images
    return images.selection(stratified_indices(images.labels, size, SUBSET_SEED, key=key))
