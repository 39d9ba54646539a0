"""``data=gaussian``: Gaussian noise in place of images, with labels that say nothing of it."""

from typing import Annotated

import torch
from annotated_types import Interval

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.ranges import PositiveInt
from nullfit.seeds import generator

Classes = Annotated[int, Interval(ge=2, le=1000)]


def gaussian(
    *, samples: PositiveInt, test_samples: PositiveInt, dimensions: PositiveInt, classes: Classes
) -> Dataset:
    """Independent standard normal numbers as images of 1×1×``dimensions``, and uniform labels.

    There can be as many samples as one likes, in general position whatever their number. What is
    drawn depends on the settings alone, as if it lay in a file: two seeds see the same samples.
    """

    def drawn(split: str, count: int) -> ImageSet:
        random = generator(0, "gaussian", split)
        inputs = torch.randn(count, 1, 1, dimensions, generator=random)
        labels = torch.randint(classes, (count,), generator=random)
        names = tuple(map(str, range(classes)))
        return ImageSet(inputs, labels, names, f"Gaussian noise, {split}", any_scale=True)

    return Dataset("gaussian", drawn("train", samples), drawn("test", test_samples))
