"""`data=image_folder`: a user's own images, one folder for each class."""

import importlib.metadata
import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from nullfit.console.messages import one_line
from nullfit.console.progress import track
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.cache import cached
from nullfit.data.sources.class_folders import Sample, empty_class, require_same_classes, scan
from nullfit.data.sources.image_files import ImageFiles, file_names
from nullfit.ranges import NonNegativeInt, PositiveInt

_LOG = logging.getLogger(__name__)
_PROGRAM_BYTES = 2**30  # what a run takes besides its data
_MOST_WORKERS = 8


def image_folder(
    *,
    root: str,
    image_size: PositiveInt | None,
    channels: Literal[1, 3],
    cache: str | None,
    streaming: bool | Literal["auto"],
    workers: NonNegativeInt | None,
) -> Dataset:
    """Images in any format of Pillow's, from ``root/train/<class>`` and ``root/test/<class>``.

    Classes and files are taken in the order of their names, sub-folders of a class included, so
    they come out alike on every machine. Hidden files and files that are no images are ignored.
    Values of 16 and 32 bits are scaled to bytes by the 8, 10, 12, 14 or 16 bits that all of them
    together use.
    With ``image_size`` each image's centre square is resized to that size. ``channels`` is 3 for
    colour, 1 for grey; images are converted.

    With ``streaming`` images stay in their files, and are decoded by ``workers`` processes (None:
    one for each core) whenever they are needed. ``auto`` does so if they would not fit into memory.

    Raises:
        UserError: a folder is missing or empty, an image is broken, or sizes differ without
            ``image_size``; the folder or file is named.
    """
    folder = Path(root).expanduser().absolute()
    train, test = scan(folder, "train"), scan(folder, "test")
    require_same_classes(folder, train, test)
    if streaming is True or (streaming == "auto" and not _fit(train, test, image_size, channels)):
        return _in_files(folder, train, test, image_size, channels, workers)
    return cached(
        "image_folder",
        {"image_size": image_size, "channels": channels},
        folder,
        [path for path, _ in (*train, *test)],
        cache,
        # Measured since images of small values in 16 and 32 bits came out black.
        f"pillow {importlib.metadata.version('pillow')}, bits measured",
        partial(_decode, folder, train, test, image_size, channels),
    )


def _decode(
    folder: Path, train: list[Sample], test: list[Sample], image_size: int | None, channels: int
) -> Dataset:
    from nullfit.data.sources.decode import decode_images  # noqa: PLC0415  (Pillow, only without a cache)

    paths = [path for path, _ in (*train, *test)]
    images, kept = decode_images(paths, image_size, channels)
    return _dataset(folder, train, test, kept, lambda part: images[part])


def _dataset(
    folder: Path,
    train: list[Sample],
    test: list[Sample],
    kept: list[int],
    images: Callable[[slice], Tensor | ImageFiles],
) -> Dataset:
    """Those of the files that were kept, as images; ``images`` gives a part of them."""
    samples = [*train, *test]
    classes = sorted({name for _, name in train})
    numbers = {name: number for number, name in enumerate(classes)}
    labels = torch.tensor([numbers[samples[index][1]] for index in kept], dtype=torch.int64)
    boundary = sum(index < len(train) for index in kept)
    splits = {}
    for split, part in (("train", slice(None, boundary)), ("test", slice(boundary, None))):
        counts = Counter(labels[part].tolist())
        for name in classes:
            if not counts[numbers[name]]:
                raise empty_class(folder / split / name)
        splits[split] = ImageSet(images(part), labels[part], tuple(classes), str(folder / split))
    if ignored := sorted(set(range(len(samples))) - set(kept)):
        example = samples[ignored[0]][0]
        _LOG.warning(
            "Ignored %d file(s) that are no images, e.g. %s", len(ignored), one_line(example)
        )
    return Dataset("image_folder", splits["train"], splits["test"])


def _fit(train: list[Sample], test: list[Sample], image_size: int | None, channels: int) -> bool:
    """Whether memory holds all images as bytes, and as float32, the test images twice."""
    from nullfit.system.memory import available_memory  # noqa: PLC0415

    free = available_memory(torch.device("cpu"))
    height, width = _size(train, image_size, channels)
    values = channels * height * width
    need = values * (5 * len(train) + 9 * len(test)) + _PROGRAM_BYTES
    if free is None or need <= free:
        return True
    _LOG.warning(
        "The images take %.1f GiB of memory, %.1f GiB are free: they are read from their files "
        "again and again (data.streaming=auto)",
        need / 2**30,
        free / 2**30,
    )
    return False


def _size(samples: list[Sample], image_size: int | None, channels: int) -> tuple[int, int]:
    """Height and width of the first image, or what all are resized to."""
    from nullfit.data.sources.decode import decode_image  # noqa: PLC0415

    if image_size is not None:
        return image_size, image_size
    for path, _ in samples:
        if (pixels := decode_image(path, None, channels)) is not None:
            return pixels.shape[0], pixels.shape[1]
    raise empty_class(Path(samples[0][0]).parent)


def _in_files(
    folder: Path,
    train: list[Sample],
    test: list[Sample],
    image_size: int | None,
    channels: int,
    workers: int | None,
) -> Dataset:
    from nullfit.data.sources.bit_depth import measured_bits  # noqa: PLC0415
    from nullfit.data.sources.decode import is_image  # noqa: PLC0415

    paths = [path for path, _ in (*train, *test)]
    kept = [
        i for i, path in enumerate(track(paths, len(paths), "Finding images")) if is_image(path)
    ]
    files = ImageFiles(
        str(folder),
        file_names(str(folder), [paths[index] for index in kept]),
        channels,
        _size(train, image_size, channels),
        image_size,
        measured_bits([paths[index] for index in kept]),
        min(torch.get_num_threads(), _MOST_WORKERS) if workers is None else workers,
    )
    return _dataset(folder, train, test, kept, files.part)
