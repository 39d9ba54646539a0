"""Images of 16 and 32 bits are scaled by what all files of the set hold."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nullfit.data import Dataset, image_folder
from nullfit.errors import UserError


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def grey(*values: int, dtype: type = np.uint16) -> np.ndarray:
    return np.array([values, values], dtype)


def save_deep_colour(path: Path, values: np.ndarray) -> None:
    """A PNG of 16 bits a channel, which Pillow reads but does not write."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in parts
        )
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes of eight-bit images, to which a test adds deep ones."""
    for split in ("train", "test"):
        for label in "ab":
            save(tmp_path / "data" / split / label / "8.png", grey(7, 70, dtype=np.uint8))
    return tmp_path / "data"


def read(root: Path, streaming: bool = False) -> Dataset:
    return image_folder(
        root=str(root),
        image_size=None,
        channels=1,
        cache=str(root.parent / "cache"),
        streaming=streaming,
        workers=0,
    )


def values(dataset: Dataset) -> list[list[int]]:
    """The first rows of the training images."""
    return dataset.train.tensor[:, 0, 0].tolist()


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (255, [1, 255]),
        (1023, [1 >> 2, 255]),
        (4095, [1 >> 4, 255]),
        (16383, [1 >> 6, 255]),
        (65535, [1 >> 8, 255]),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint16, np.int32])
@pytest.mark.parametrize("streaming", [False, True])
def test_values_are_scaled_by_the_bits_that_the_set_uses(
    root: Path, largest: int, expected: list[int], dtype: type, streaming: bool
) -> None:
    save(root / "train" / "a" / "deep.tiff", grey(1, largest, dtype=dtype))
    assert values(read(root, streaming)) == [[7, 70], expected, [7, 70]]


@pytest.mark.parametrize("streaming", [False, True])
def test_the_whole_set_has_one_scale(
    root: Path, streaming: bool, caplog: pytest.LogCaptureFixture
) -> None:
    save(root / "train" / "a" / "dark.png", grey(16, 32))
    save(root / "test" / "b" / "bright.png", grey(2048, 4095))  # of another split and class
    data = read(root, streaming)
    assert values(data) == [[7, 70], [1, 2], [7, 70]]
    assert data.test.tensor[2, 0, 0].tolist() == [128, 255]
    line, flat = [record.getMessage() for record in caplog.records]
    assert "dark.png (black)" in flat
    assert "2 image(s) of 16 or 32 bits hold values up to 4095" in line
    assert "bright.png: all are read as 12 bits" in line


def test_images_that_use_all_bits_are_read_as_ever_and_black_ones_named(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save(root / "train" / "a" / "dark.png", grey(255, 256))
    save(root / "train" / "b" / "deep.png", grey(0x8012, 0x4000))
    assert values(read(root)) == [[7, 70], [0, 1], [7, 70], [0x80, 0x40]]
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("1 of 6 images come out of one colour all over, e.g. ")
    assert "dark.png (black)" in line


def test_eight_bits_in_int32_are_what_they_say(root: Path) -> None:
    pixels = np.arange(256, dtype=np.int32).reshape(2, 128)
    for split in ("train", "test"):
        for label in "ab":
            save(root / split / label / "8.png", pixels.astype(np.uint8))
            save(root / split / label / "int32.tiff", pixels)
    images = read(root).train.images
    assert torch.equal(images[0], images[1])
    assert images.max() == 255


@pytest.mark.parametrize("streaming", [False, True])
def test_colours_of_which_pillow_drops_the_lower_bits_are_refused(
    root: Path, streaming: bool
) -> None:
    save_deep_colour(root / "train" / "a" / "12.png", np.full((2, 2, 3), 4095))
    with pytest.raises(UserError, match=r"12\.png has 16 bits a channel, of which it uses 14 or f"):
        read(root, streaming)
    save_deep_colour(root / "train" / "a" / "12.png", np.full((2, 2, 3), 0x4000))
    assert values(read(root, streaming))[0] == [0x40, 0x40]


@pytest.mark.parametrize(
    ("pixels", "why"),
    [
        (grey(-1, 5, dtype=np.int32), "values below 0"),
        (grey(0, 65536, dtype=np.int32), "do not fit into 16 bits"),
        (grey(0, 1, dtype=np.float32), "floating-point values"),
    ],
)
@pytest.mark.parametrize("streaming", [False, True])
def test_what_has_no_scale_is_refused(
    root: Path, pixels: np.ndarray, why: str, streaming: bool
) -> None:
    save(root / "train" / "a" / "0.tiff", pixels)
    with pytest.raises(UserError, match=rf"(?s)0\.tiff cannot be read: .*{why}"):
        _ = read(root, streaming).train.tensor


def test_a_deep_image_called_a_jpeg_is_refused(root: Path) -> None:
    Image.fromarray(grey(1, 2)).save(root / "train" / "a" / "0.jpg", format="PNG")
    with pytest.raises(UserError, match=r"0\.jpg cannot be read: .*no JPEG; rename it"):
        read(root)


def test_an_image_beyond_what_was_measured_is_refused(root: Path) -> None:
    save(root / "train" / "a" / "8.png", grey(1, 255))
    data = read(root, streaming=True)
    save(root / "train" / "a" / "8.png", grey(1, 256))
    with pytest.raises(UserError, match=r"8\.png cannot be read: it holds 256, and when"):
        _ = data.train.tensor
