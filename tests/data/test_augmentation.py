import pytest
import torch
from torch import Generator

from nullfit.data.augmentation import flip_and_rotate, random_crop
from nullfit.errors import UserError

# Every pixel is another number, so a crop tells where it was taken.
NUMBERED = (
    torch.arange(1, 65, dtype=torch.float32).view(1, 1, 8, 8).expand(500, 3, 8, 8).contiguous()
)


def draws(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def test_every_crop_is_a_window_and_all_windows_occur() -> None:
    crops = random_crop(NUMBERED, 6, draws())
    corners = crops[:, 0, 0, 0].long() - 1
    top, left = corners // 8, corners % 8
    for image, crop, y, x in zip(NUMBERED, crops, top.tolist(), left.tolist(), strict=True):
        assert torch.equal(crop, image[:, y : y + 6, x : x + 6])
    counts = torch.bincount(top * 3 + left, minlength=9)
    assert counts.min() > 500 / 9 * 0.5  # uniform over 9 places: 55 expected, deviation 7
    assert counts.max() < 500 / 9 * 1.5


def test_padding_adds_zeros_around() -> None:
    crops = random_crop(NUMBERED, 8, draws(), padding=2)
    assert crops.shape == NUMBERED.shape
    assert (crops == 0).any()
    whole = (crops == NUMBERED).all(dim=(1, 2, 3)).sum()
    assert 1 <= whole < 100  # the unmoved place is one of 25


def test_crops_of_the_same_seed_are_the_same() -> None:
    assert torch.equal(random_crop(NUMBERED, 6, draws()), random_crop(NUMBERED, 6, draws()))
    assert not torch.equal(random_crop(NUMBERED, 6, draws()), random_crop(NUMBERED, 6, draws(1)))


def test_a_crop_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UserError, match=r"crop of 11 .* 10×10 pixels \(padding of 1 included\)"):
        random_crop(NUMBERED, 11, draws(), padding=1)


@pytest.mark.parametrize("probability", [0.0, 0.5, 1.0])
def test_flips_are_exact_and_as_frequent_as_asked(probability: float) -> None:
    out = flip_and_rotate(NUMBERED, 0.0, probability, draws())
    flipped = (out == NUMBERED.flip(3)).all(dim=(1, 2, 3))
    same = (out == NUMBERED).all(dim=(1, 2, 3))
    assert (flipped ^ same).all()
    assert abs(flipped.float().mean() - probability) < 0.1  # 4.5 standard deviations


@pytest.mark.parametrize(("height", "width"), [(41, 41), (31, 61)])
def test_rotation_turns_rigidly_within_the_range(height: int, width: int) -> None:
    # A bright spot right of the centre: where it ends up tells the angle, and its distance stays.
    images = torch.zeros(400, 1, height, width)
    middle_y, middle_x, distance = height // 2, width // 2, 12
    images[:, :, middle_y, middle_x + distance] = 1
    turned = flip_and_rotate(images, 25.0, 0.0, draws())[:, 0]
    weight = turned.sum(dim=(1, 2))
    y = (turned.sum(2) * torch.arange(height)).sum(1) / weight - middle_y
    x = (turned.sum(1) * torch.arange(width)).sum(1) / weight - middle_x
    assert ((x**2 + y**2).sqrt() - distance).abs().max() < 0.6
    angles = torch.atan2(y, x).rad2deg()
    assert angles.abs().max() < 25 + 2
    assert abs(angles.mean()) < 4  # uniform in ±25: deviation 14.4, of the mean of 400 0.72
    assert angles.std().item() == pytest.approx(25 / 3**0.5, rel=0.15)


def test_what_comes_from_outside_is_zero() -> None:
    turned = flip_and_rotate(torch.ones(64, 3, 32, 32), 25.0, 0.0, draws())
    assert turned[:, :, 0, 0].min() == 0
    assert turned[:, :, 16, 16].min() > 0.999


def test_rotations_of_the_same_seed_are_the_same() -> None:
    one, same, other = (flip_and_rotate(NUMBERED, 25.0, 0.5, draws(seed)) for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
