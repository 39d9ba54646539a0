"""A few samples that stand for the data of a run."""

from dataclasses import dataclass, replace

import torch

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.leave_out import kept_samples
from nullfit.data.limit import SUBSET_SEED
from nullfit.data.randomized_data import RandomizedData
from nullfit.data.sources.image_files import ImageFiles
from nullfit.data.subset import stratified_indices, stratified_split

_VALUES = 2**20  # of the images of a split; digits are taken whole
_LEAST = 10  # images, however large they are


@dataclass(frozen=True)
class Sample:
    """A few samples, prepared as all are, and how many samples there are of each split.

    Shapes, classes and what can be said of single images are those of the run's own data.
    """

    data: RandomizedData
    train: int
    val: int
    test: int

    @classmethod
    def of(cls, config: RunConfig, dataset: Dataset) -> "Sample":
        """Prepare a few samples of a run's data set.

        Raises:
            UserError: as `assembly.randomized_data`.
        """
        share, train, val = config.data.val_fraction, dataset.train, 0
        if share:
            key = "data.val_fraction"
            kept, held_out = stratified_split(train.labels, share, SUBSET_SEED, key=key)
            train, val = train.selection(kept), len(held_out)
        samples = len(train)
        if config.data.leave_out is not None:
            samples = len(kept_samples(train, config.data.leave_out).indices)
        few = replace(dataset, train=_few(dataset.train), test=_few(dataset.test))
        undivided = config.data.model_copy(update={"val_fraction": 0.0, "leave_out": None})
        data = assembly.randomized_data(config.model_copy(update={"data": undivided}), few)
        return cls(data, samples, val, len(dataset.test))

    @property
    def held_out(self) -> int:
        """How many samples there are to predict for; a corrupted test set has a clean one too."""
        tests = 1 if self.data.test_clean is self.data.test else 2
        return (tests + len(self.data.other_tests)) * self.test + self.val


def _few(split: ImageSet) -> ImageSet:
    """Samples of all classes, if there are so few; read by this process alone."""
    count = max(_LEAST, _VALUES // torch.Size(split.shape).numel())
    if count < len(split):
        split = split.selection(stratified_indices(split.labels, count, SUBSET_SEED))
    if isinstance(split.images, ImageFiles):
        return replace(split, images=replace(split.images, workers=0))
    return split
