"""Data whose labels are random signs."""

from dataclasses import replace

import torch

from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.seeds import generator

CLASSES = ("−1", "+1")


def with_signs(data: RandomizedData, seed: int, draw: int) -> RandomizedData:
    """The same images with independent uniform signs as labels, on every split.

    Signs follow from (seed, draw) alone. Those of the test set cannot be predicted either.
    """

    def signed(split: Split, name: str) -> Split:
        draws = generator(seed, "signs", draw, name)
        labels = torch.randint(2, (len(split),), generator=draws).to(split.labels.device)
        return replace(split, labels=labels, true_labels=labels)

    test = signed(data.test, "test")
    return replace(
        data,
        classes=CLASSES,
        train=signed(data.train, "train"),
        test=test,
        test_clean=test,
        val=None,
        labels_changed=0.0,
        redraw=None,
    )
