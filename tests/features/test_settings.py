"""The choice of features."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from nullfit.features.gabor import Gabor
from nullfit.features.random_conv import RandomConv
from nullfit.features.settings import FeatureSettings

CPU = torch.device("cpu")
OTHERS = {
    **{"wavelengths": [4.0], "orientations": 4, "cells": 3},
    **{"filters": 8, "patch": 3, "threshold": 0.1, "pool": 2},
}
IMAGES = torch.rand(9, 1, 8, 8)


def test_raw_features_are_the_pixels_without_a_copy():
    features = FeatureSettings(features="raw", **OTHERS).fit(IMAGES, 0)
    found = features.whole(IMAGES, CPU)
    assert torch.equal(found, IMAGES.flatten(1))
    assert found.data_ptr() == IMAGES.data_ptr()
    assert features.dimensions == 64


def test_each_kind_is_told_with_its_own_settings():
    gabor = FeatureSettings(features="gabor", **OTHERS)
    assert isinstance(gabor.fit(IMAGES, 0), Gabor)
    expected = {"features": "gabor", "wavelengths": [4.0], "orientations": 4, "cells": 3}
    assert gabor.described() == expected
    convolutions = FeatureSettings(features="random_conv", **OTHERS)
    assert isinstance(convolutions.fit(IMAGES, 0), RandomConv)
    assert convolutions.fit(IMAGES, 0).dimensions == 2 * 8 * 4
    assert FeatureSettings(features="raw", **OTHERS).described() == {"features": "raw"}


@pytest.mark.parametrize("kind", ["raw", "gabor", "random_conv"])
def test_the_work_is_about_the_multiplications_that_torch_counts(kind):
    images = torch.rand(50, 3, 32, 32)
    settings = OTHERS | {"wavelengths": [3.0, 6.0], "filters": 32, "patch": 6}
    features = FeatureSettings(features=kind, **settings).fit(images, 0)
    with FlopCounterMode(display=False) as counter:
        features.whole(images, CPU)
    multiplications = counter.get_total_flops() / 2 / len(images)
    assert multiplications <= features.work <= 2 * multiplications
