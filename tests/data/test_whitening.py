import pytest
import torch
from torch import Tensor

from nullfit.data.whitening import PerChannel, channel_sums, fit_whitening, whiten


@pytest.fixture
def images() -> Tensor:
    # more images than one block of the implementation holds
    noise = torch.rand(1500, 3, 6, 5, generator=torch.Generator().manual_seed(0))
    return noise * torch.tensor([0.2, 0.5, 1.0]).view(1, 3, 1, 1)


def test_each_image_gets_mean_0_and_population_variance_1(images: Tensor) -> None:
    white = whiten(images).double()
    assert white.mean(dim=(1, 2, 3)).abs().max() < 1e-6
    assert (white.var(dim=(1, 2, 3), correction=0) - 1).abs().max() < 1e-5
    assert (white.mean(dim=(2, 3)).abs() > 0.1).any()  # one mean over all channels, not one each


def test_the_published_formula() -> None:
    # TensorFlow's definition, on an image whose deviation lies below 1/sqrt(N)
    image = torch.zeros(1, 1, 4, 4)
    image[0, 0, 0, 0] = 0.16
    expected = (image - 0.01) / max(float(image.std(correction=0)), 1 / 4)
    assert float(image.std(correction=0)) < 1 / 4
    torch.testing.assert_close(whiten(image), expected)


def test_a_uniform_image_becomes_zero() -> None:
    assert whiten(torch.full((2, 3, 8, 8), 0.7)).abs().max() < 1e-5


def test_channels_are_standardized_by_the_training_set(images: Tensor) -> None:
    whitening = fit_whitening("per_channel", [channel_sums(images[:1000])])
    white = whitening(images[:1000]).double()
    assert white.mean(dim=(0, 2, 3)).abs().max() < 1e-5
    assert (white.std(dim=(0, 2, 3), correction=0) - 1).abs().max() < 1e-5
    other = images[1000:]
    mean, std = images[:1000].mean(dim=(0, 2, 3)), images[:1000].std(dim=(0, 2, 3), correction=0)
    expected = (other - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    torch.testing.assert_close(whitening(other), expected)


@pytest.mark.parametrize("kind", ["per_image", "per_image_channel", "per_channel", "fixed", "none"])
def test_divisors_are_what_a_change_of_a_pixel_is_divided_by(images: Tensor, kind: str) -> None:
    whitening = fit_whitening(kind, [channel_sums(images)], [0.1, 0.2, 0.3], [0.5, 1.5, 2.0])
    divisors = whitening.divisors(images)
    white = whitening(images)
    assert divisors.shape == (1500, 3, 1, 1)
    raw = images - images[..., :1, :1]  # where whitening is a x + b, differences are a x
    torch.testing.assert_close(white - white[..., :1, :1], raw / divisors, rtol=1e-4, atol=1e-5)


def test_a_uniform_channel_is_only_centred() -> None:
    images = torch.full((4, 1, 2, 2), 0.3)
    images = torch.cat([images, torch.rand(4, 1, 2, 2)], dim=1)
    fitted = PerChannel.of([channel_sums(images)])
    assert fitted.std[0].item() == 1
    assert fitted(images)[:, 0].abs().max() < 1e-6


def test_each_channel_of_each_image_gets_mean_0_and_unbiased_variance_1(images: Tensor) -> None:
    white = fit_whitening("per_image_channel", [])(images).double()
    assert white.mean(dim=(2, 3)).abs().max() < 1e-6
    assert (white.var(dim=(2, 3), correction=1) - 1).abs().max() < 1e-5


@pytest.mark.parametrize("value", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("side", [1, 8])
def test_a_uniform_channel_of_an_image_becomes_zero(value: float, side: int) -> None:
    image = torch.rand(2, 3, side, side)
    image[:, 1] = value
    white = fit_whitening("per_image_channel", [])(image)
    assert not white[:, 1].any()
    assert white.isfinite().all()


@pytest.mark.parametrize("numbers", [1, 3])
def test_fixed_is_what_it_is_told(images: Tensor, numbers: int) -> None:
    mean, std = [0.5, 0.4, 0.3][:numbers], [0.25, 0.2, 0.1][:numbers]
    white = fit_whitening("fixed", [], mean, std)(images)
    for channel in range(3):
        own = channel % numbers
        torch.testing.assert_close(white[:, channel], (images[:, channel] - mean[own]) / std[own])


def test_none_leaves_the_images_as_they_are(images: Tensor) -> None:
    whitening = fit_whitening("none", [])
    assert torch.equal(whitening(images), images)
    assert whitening.apply_(images) is images


@pytest.mark.parametrize("kind", ["per_image", "per_image_channel", "per_channel"])
def test_in_place_gives_the_same_and_calling_changes_nothing(kind: str, images: Tensor) -> None:
    whitening = fit_whitening(kind, [channel_sums(images)])
    original = images.clone()
    white = whitening(images)
    assert torch.equal(images, original)
    assert whitening.apply_(images) is images
    assert torch.equal(images, white)
