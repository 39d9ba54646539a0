"""Gabor features: energy by orientation and wavelength."""

import math

import pytest
import torch

from nullfit.features.gabor import Gabor, gabor_filters

CPU = torch.device("cpu")


def grating(wavelength: float, angle: float, size: int = 28) -> torch.Tensor:
    down, right = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    phase = 2 * math.pi / wavelength * (right * math.cos(angle) + down * math.sin(angle))
    return (0.5 + 0.5 * phase.cos()).float()[None, None]


def test_filters_ignore_uniform_areas():
    filters = gabor_filters(4.0, 8)
    assert filters.shape == (16, 1, 15, 15)
    assert filters.sum(dim=(1, 2, 3)).abs().max() < 1e-6


@pytest.mark.parametrize("orientation", range(8))
@pytest.mark.parametrize("wavelength", [0, 1])
def test_a_grating_answers_to_its_own_orientation_and_wavelength(orientation, wavelength):
    lengths = [4.0, 8.0]
    features = Gabor.make(lengths, 8, 7, 28)
    image = grating(lengths[wavelength], math.pi * orientation / 8)
    energy = features.whole(image, CPU).unflatten(1, (2, 8, 7, 7))[0, ..., 3, 3]
    assert divmod(int(energy.argmax()), 8) == (wavelength, orientation)


def test_where_a_stroke_is_there_is_the_energy():
    image = torch.zeros(1, 1, 28, 28)
    image[..., 4:12, 8] = 1
    energy = Gabor.make([4.0], 4, 7, 28).whole(image, CPU).unflatten(1, (4, 7, 7))[0].sum(0)
    row, column = divmod(int(energy.argmax()), 7)
    assert row in (1, 2)
    assert column in (1, 2)


def test_size_of_the_vector_and_small_or_colour_images():
    features = Gabor.make([4.0, 8.0], 8, 7, 5)
    images = torch.rand(3, 3, 5, 6)
    assert features.cells == 5
    assert features.whole(images, CPU).shape == (3, features.dimensions) == (3, 2 * 8 * 25)
    grey = images.mean(1, keepdim=True)
    torch.testing.assert_close(features.whole(grey, CPU), features.whole(images, CPU))
