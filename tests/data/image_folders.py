"""Folders of images for `data=image_folder`."""

from pathlib import Path

import numpy as np
from PIL import Image

from nullfit.data import Dataset, image_folder


def make_images(
    root: Path, classes: str, train: int, test: int, size: tuple[int, int] = (9, 8)
) -> Path:
    """Colour images, height × width, of one-letter classes in turn; they differ in brightness."""
    draws = np.random.default_rng(0)
    for split, samples in (("train", train), ("test", test)):
        for index in range(samples):
            path = root / split / classes[index % len(classes)] / f"{index:02}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = draws.integers(0, 200 + index % 57, (*size, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path)
    return root


def opened(
    root: Path,
    cache: Path,
    streaming: bool | str,
    workers: int = 0,
    test_corruptions: list[str] | None = None,
) -> Dataset:
    """The images at their own size."""
    return image_folder(
        root=str(root),
        image_size=None,
        channels=3,
        cache=str(cache),
        streaming=streaming,
        workers=workers,
        test_corruptions=test_corruptions,
    )
