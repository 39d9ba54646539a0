"""Shapes in the alpha channel are seen against a background, and nothing is lost without a word."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nullfit.data import Dataset, image_folder

OPACITY = np.array([[0, 255, 255], [255, 0, 0]], np.uint8)  # black where it is 255


def shape() -> Image.Image:
    """Black all over: only the alpha channel shows anything."""
    image = Image.new("RGBA", (3, 2))
    image.putalpha(Image.fromarray(OPACITY))
    return image


def rgba(path: Path) -> None:
    shape().save(path)


def grey_and_alpha(path: Path) -> None:
    shape().convert("LA").save(path)


def palette(path: Path) -> None:
    colours = Image.fromarray(np.where(OPACITY, 1, 0).astype(np.uint8), "P")
    colours.putpalette([0, 0, 0] * 2)
    colours.save(path, transparency=bytes([0, 255]))


def one_clear_colour(path: Path) -> None:
    colours = np.zeros((2, 3, 3), np.uint8)
    colours[OPACITY == 0] = (1, 2, 3)
    Image.fromarray(colours).save(path, transparency=(1, 2, 3))


def one_clear_grey(path: Path) -> None:
    Image.fromarray(np.where(OPACITY, 0, 7).astype(np.uint8)).save(path, transparency=7)


def one_clear_deep_grey(path: Path) -> None:
    Image.fromarray(np.where(OPACITY, 0, 40000).astype(np.uint16)).save(path, transparency=40000)


def one_bit(path: Path) -> None:
    Image.fromarray(OPACITY == 0).save(path, transparency=255)


KINDS = [
    *(rgba, grey_and_alpha, palette),
    *(one_clear_colour, one_clear_grey, one_clear_deep_grey, one_bit),
]


def folder(root: Path, write: Callable[[Path], None]) -> Path:
    for split in ("train", "test"):
        for label in "ab":
            (root / split / label).mkdir(parents=True)
            write(root / split / label / "1.png")
    return root


def read(root: Path, **options: object) -> Dataset:
    settings = {"channels": 3, "streaming": False, "image_size": None, **options}
    return image_folder(root=str(root), cache=str(root.parent / "cache"), workers=0, **settings)


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("write", KINDS)
def test_a_shape_in_the_alpha_channel_is_seen(
    tmp_path: Path, write: Callable[[Path], None], channels: int, streaming: bool
) -> None:
    root = folder(tmp_path / "data", write)
    data = read(root, channels=channels, streaming=streaming)
    expected = [(255 - OPACITY).tolist()] * channels
    assert data.train.tensor[0].tolist() == expected
    (note,) = [line for line in data.notes if "transparent" in line]
    assert note.startswith("4 of 4 images have transparent parts, e.g. ")
    assert "1.png: white is seen there" in note


def test_the_background_is_chosen_and_the_cache_knows_it(tmp_path: Path) -> None:
    half = Image.new("RGBA", (2, 1), (200, 100, 0, 255))
    half.putpixel((1, 0), (200, 100, 0, 51))  # a fifth of it is there
    root = folder(tmp_path / "data", half.save)
    seen = {
        background: read(root, background=background).train.images[0, :, 0, 1].tolist()
        for background in ("white", "black", "grey", "ignore")
    }
    assert seen == {
        "white": [244, 224, 204],
        "black": [40, 20, 0],
        "grey": [142, 122, 102],
        "ignore": [200, 100, 0],
    }
    assert read(root, background="black").train.images[0, :, 0, 1].tolist() == [40, 20, 0]


def test_what_is_wholly_opaque_is_read_as_ever_and_silently(tmp_path: Path) -> None:
    colours = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20
    image = Image.fromarray(colours).convert("RGBA")
    data = read(folder(tmp_path / "data", image.save))
    assert np.array_equal(data.train.images[0].permute(1, 2, 0).numpy(), colours)
    assert not any("transparent" in note for note in data.notes)


@pytest.mark.parametrize("streaming", [False, True])
def test_images_that_come_out_of_one_colour_are_counted(tmp_path: Path, streaming: bool) -> None:
    root = folder(tmp_path / "data", shape().save)
    noise = np.random.default_rng(0).integers(0, 256, (2, 3, 3), np.uint8)
    Image.fromarray(noise).save(root / "train" / "a" / "0.png")
    (note,) = read(root, background="ignore", streaming=streaming).notes
    assert note.startswith("4 of 5 images come out of one colour all over, e.g. ")
    assert "1.png (black)" in note
    assert read(root, background="ignore", streaming=streaming).notes == (note,)  # from the cache


def test_images_that_are_all_alike_are_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 3, 3), np.uint8)
    (note,) = read(folder(tmp_path / "data", Image.fromarray(noise).save)).notes
    assert note.startswith("4 images are copies of 1, e.g. ")


def test_images_that_use_a_few_values_are_told(tmp_path: Path) -> None:
    root, draws = tmp_path / "data", np.random.default_rng(0)
    masks = folder(
        root, lambda path: Image.fromarray(draws.integers(0, 9, (9, 9), np.uint8)).save(path)
    )
    (note,) = read(masks).notes
    assert note.startswith("all 4 images together use the values 0 to 8 of 0 to 255, e.g. ")


@pytest.mark.parametrize("streaming", [False, True])
def test_what_a_crop_leaves_empty_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, streaming: bool
) -> None:
    draws = np.random.default_rng(0)

    def framed(path: Path) -> None:
        pixels = draws.integers(0, 256, (12, 12, 3), np.uint8)
        pixels[3:9, 3:9] = 255
        Image.fromarray(pixels).save(path)

    root = folder(tmp_path / "data", framed)
    read(root, crop=8, streaming=streaming)
    assert caplog.records == []
    read(root, crop=6, streaming=streaming)
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(
        "2 of 2 images that were looked at are of one colour in the centre that "
    )
    assert f"e.g. {root}/train/a/1.png: data.crop=null keeps" in line
