"""Small data files, sound until a case damages them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Make = Callable[[Path], object]
RANDOM = np.random.default_rng(0)


def picture(path: Path, width: int = 8, height: int = 8, mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RANDOM.integers(0, 256, (height, width, 3), np.uint8)).convert(mode).save(path)


def images(folder: Path, classes: tuple[str, ...] = ("a", "b")) -> None:
    """``img``: four training and four test images of 8×8 for each class."""
    for split in ("train", "test"):
        for name in classes:
            for number in range(4):
                picture(folder / "img" / split / name / f"{number}.png")


def idx(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    path.write_bytes(bytes([0, 0, 8, values.ndim]) + sizes + values.tobytes())


MNIST = Path("data/MNIST/raw")


def mnist(folder: Path, train: int = 20) -> None:
    """Files in MNIST's format, of 20 training and 10 test images."""
    for part, count in (("train", train), ("t10k", 10)):
        pixels = RANDOM.integers(0, 256, (count, 28, 28), np.uint8)
        idx(folder / MNIST / f"{part}-images-idx3-ubyte", pixels)
        labels = (np.arange(count) % 10).astype(np.uint8)
        idx(folder / MNIST / f"{part}-labels-idx1-ubyte", labels)


def rows(count: int, row: str) -> str:
    """A CSV of the columns x, y and label; ``{i}`` is the row's number, ``{c}`` a or b."""
    return "x,y,label\n" + "".join(
        row.format(i=i, c="ab"[i % 2], m=i % 3) + "\n" for i in range(count)
    )


def written(name: str, content: str | bytes) -> Make:
    """What writes one file."""

    def write(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return write


def both(first: Make, then: Make) -> Make:
    """One after the other."""

    def make(folder: Path) -> None:
        first(folder)
        then(folder)

    return make
