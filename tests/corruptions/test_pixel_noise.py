"""The pixel corruptions that draw noise: mean, variance and distribution, never clipped."""

import pytest
import torch
from scipy.stats import kstest

from nullfit.corruptions import Origin, gaussian, gaussian_noise, uniform_pixels


def pictures(n=300, seed=0):
    images = torch.rand(n, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) ** 3
    return images, torch.arange(n) % 10


def test_gaussian_has_mean_and_variance_of_the_original_pixels():
    images, labels = pictures()
    drawn = gaussian(images, labels, 0).images
    standard_error = float(images.std()) / drawn.numel() ** 0.5
    assert abs(float(drawn.mean() - images.mean())) < 4 * standard_error
    assert float(drawn.var()) == pytest.approx(float(images.var()), rel=0.02)
    standardized = ((drawn - images.mean()) / images.std()).flatten().numpy()
    assert kstest(standardized, "norm").pvalue > 1e-3


def test_gaussian_is_not_clipped():
    drawn = gaussian(*pictures(), 0).images
    assert drawn.min() < -0.5
    assert drawn.max() > 1


def test_gaussian_uses_the_training_statistics_on_the_test_split_too():
    images, labels = pictures()
    drawn = gaussian(images, labels, 0, Origin(10, mean=3.0, std=0.01)).images
    assert float(drawn.mean()) == pytest.approx(3, abs=1e-3)
    assert float(drawn.std()) == pytest.approx(0.01, rel=0.02)


def test_gaussian_tells_nothing_of_the_images():
    images, labels = pictures()
    origin = Origin.of(images, labels)
    other = gaussian(images.flip(0), labels, 0, origin).images
    assert torch.equal(gaussian(images, labels, 0, origin).images, other)


def test_channels_are_drawn_independently():
    drawn = gaussian(*pictures(), 0).images.transpose(0, 1).flatten(1)
    assert (torch.corrcoef(drawn) - torch.eye(3)).abs().max() < 5 / drawn.shape[1] ** 0.5


def test_uniform_pixels_are_uniform_on_the_unit_interval():
    drawn = uniform_pixels(*pictures(), 0).images.flatten().numpy()
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert kstest(drawn, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("sigma", [0.01, 0.1, 2.0])
def test_added_noise_has_the_given_standard_deviation_and_no_relation_to_the_image(sigma):
    images, labels = pictures()
    noise = gaussian_noise(images, labels, 0, sigma=sigma).images - images
    assert kstest((noise / sigma).flatten().numpy(), "norm").pvalue > 1e-3
    relation = torch.corrcoef(torch.stack([noise.flatten(), images.flatten()]))[0, 1]
    assert abs(float(relation)) < 5 / noise.numel() ** 0.5


def test_added_noise_is_not_clipped():
    drawn = gaussian_noise(*pictures(), 0, sigma=0.5).images
    assert drawn.min() < 0
    assert drawn.max() > 1


def test_no_added_noise_changes_nothing():
    images, labels = pictures(20)
    result = gaussian_noise(images, labels, 0, sigma=0.0)
    assert torch.equal(result.images, images)
    assert not result.changed.any()
