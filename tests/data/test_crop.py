import pytest
import torch

from nullfit.data.crop import center_crop
from nullfit.errors import UserError


def test_the_centre_is_kept() -> None:
    images = torch.arange(2 * 3 * 32 * 32, dtype=torch.float32).view(2, 3, 32, 32)
    cropped = center_crop(images, 28)
    assert torch.equal(cropped, images[:, :, 2:30, 2:30])
    assert cropped.is_contiguous()


def test_bytes_stay_bytes_and_an_odd_margin_is_larger_at_the_end() -> None:
    images = torch.arange(25, dtype=torch.uint8).view(1, 1, 5, 5)
    assert center_crop(images, 2).flatten().tolist() == [6, 7, 11, 12]


@pytest.mark.parametrize("size", [0, 9])
def test_a_crop_that_does_not_fit_is_refused(size: int) -> None:
    with pytest.raises(
        UserError, match=rf"data\.crop={size} does not fit .* 8×10 .* Choose 1 to 8"
    ):
        center_crop(torch.zeros(1, 1, 8, 10), size)
