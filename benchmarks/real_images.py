"""Real images of any size to train on, without a download."""

import torch

from nullfit.data import digits
from nullfit.data.image_set import Dataset, ImageSet


def enlarged_digits(side: int, train: int) -> Dataset:
    """The first of scikit-learn's digits, 8×8, as colour images of bytes with ``side`` pixels.

    The test set is a fourth as large as the training set, or whole if that is.
    """

    def large(images: ImageSet, count: int) -> ImageSet:
        enlarged = torch.nn.functional.interpolate(
            images.unit_images()[:count], size=(side, side), mode="nearest"
        )
        colour = (enlarged * 255).to(torch.uint8).repeat(1, 3, 1, 1)
        return ImageSet(colour, images.labels[:count], images.classes, "digits")

    source = digits()
    test = max(1, train // 4)
    return Dataset(f"digits{side}", large(source.train, train), large(source.test, test))
