"""`data=image_folder`: a user's own images, one folder for each class."""

import importlib.metadata
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache as once
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.cache import cached
from nullfit.data.sources.class_folders import Sample, empty_class, require_same_classes, scan
from nullfit.data.sources.conversion import Background, Conversion
from nullfit.data.sources.image_files import ImageFiles, file_names
from nullfit.data.sources.image_notes import (
    content_notes,
    crop_notes,
    ignored_notes,
    see_through_note,
)
from nullfit.ranges import NonNegativeInt, PositiveInt

if TYPE_CHECKING:
    from nullfit.data.sources.decode import DecodedSet

_LOG = logging.getLogger(__name__)
_PROGRAM_BYTES = 2**30  # what a run takes besides its data
_MOST_WORKERS = 8
_LOOKED_AT = 100  # of images that stay in their files


def image_folder(
    *,
    root: str,
    image_size: PositiveInt | None,
    channels: Literal[1, 3],
    cache: str | None,
    streaming: bool | Literal["auto"],
    workers: NonNegativeInt | None,
    background: Background = "white",
    crop: PositiveInt | None = None,
    test_corruptions: list[Any] | None = None,
) -> Dataset:
    """Images in any format of Pillow's, from ``root/train/<class>`` and ``root/test/<class>``.

    Classes and files are taken in the order of their names, sub-folders of a class included, so
    they come out alike on every machine. Hidden files, files that are no images and what systems
    leave behind (thumbnails, recycle bins) are ignored. ``background`` is seen through transparent
    parts; a warning counts such images, and those in which nothing is to be seen.
    Values of 16 and 32 bits are scaled to bytes by the 8, 10, 12, 14 or 16 bits that all of them
    together use.
    With ``image_size`` each image's centre square is resized to that size. ``channels`` is 3 for
    colour, 1 for grey; images are converted. Images are not cropped here: a warning tells of those
    in which nothing is to be seen of what ``crop`` will leave.

    With ``streaming`` images stay in their files, and are decoded by ``workers`` processes (None:
    one for each core) whenever they are needed. ``auto`` does so if they would not fit into memory,
    where each of ``test_corruptions`` has test images of its own.

    Raises:
        UserError: a folder is missing or empty, images are broken, or sizes differ without
            ``image_size``; the folder or files are named.
    """
    folder = Path(root).expanduser().absolute()
    train, test = scan(folder, "train"), scan(folder, "test")
    require_same_classes(folder, train, test)
    conversion = Conversion(image_size, channels, background)
    tests = 2 + len(test_corruptions or [])
    if streaming is True or (streaming == "auto" and not _fit(train, test, tests, conversion)):
        dataset = _in_files(folder, train, test, conversion, workers)
    else:
        dataset = cached(
            "image_folder",
            {"image_size": image_size, "channels": channels, "background": background},
            folder,
            [path for path, _ in (*train, *test)],
            cache,
            # Measured since images of small values in 16 and 32 bits came out black; with notes
            # since transparent parts are no longer dropped.
            f"pillow {importlib.metadata.version('pillow')}, bits measured, notes",
            partial(_decode, folder, train, test, conversion),
        )
    dataset = _with_names(dataset, folder, train, test)
    for note in (*dataset.notes, *crop_notes(dataset.train, crop, [path for path, _ in train])):
        _warn(note)
    return dataset


@once  # in a process, which may read a folder for each of its jobs
def _warn(note: str) -> None:
    _LOG.warning("%s", note)


def _with_names(dataset: Dataset, folder: Path, train: list[Sample], test: list[Sample]) -> Dataset:
    """The same with the names of its files, which a cache does not keep."""
    return replace(
        dataset,
        train=_named(dataset.train, folder, train),
        test=_named(dataset.test, folder, test),
    )


def _named(images: ImageSet, folder: Path, samples: list[Sample]) -> ImageSet:
    from nullfit.data.sources.decode import images_among  # noqa: PLC0415

    if isinstance(images.images, ImageFiles):
        return replace(images, files=images.images.names)
    paths = [path for path, _ in samples]
    if len(paths) != len(images):  # some are no images
        paths = [paths[index] for index in images_among(paths)]
    if len(paths) != len(images):
        return images
    return replace(images, files=file_names(str(folder), paths))


def _decode(
    folder: Path, train: list[Sample], test: list[Sample], conversion: Conversion
) -> Dataset:
    # Pillow, only without a cache.
    from nullfit.data.sources.bit_depth import measured_depth  # noqa: PLC0415
    from nullfit.data.sources.decode import decode_images  # noqa: PLC0415

    paths = [path for path, _ in (*train, *test)]
    bits, depth_note = measured_depth(paths)
    decoded = decode_images(paths, conversion._replace(bits=bits))
    dataset = _dataset(folder, train, test, decoded.kept, lambda part: decoded.images[part])
    return _noted(dataset, depth_note, decoded, paths, conversion.background)


def _noted(
    dataset: Dataset,
    depth_note: str | None,
    decoded: "DecodedSet",
    paths: list[str],
    background: Background,
) -> Dataset:
    """The same with what should be known of it; ``decoded`` are all of ``paths``, or examples."""
    kept = [paths[index] for index in decoded.kept]
    see_through = [paths[index] for index in decoded.see_through]
    notes = [
        *dataset.notes,
        *([depth_note] if depth_note else []),
        *see_through_note(see_through, len(kept), background),
        *content_notes(decoded.images, kept),
    ]
    return replace(dataset, notes=tuple(notes))


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
    ignored = sorted(set(range(len(samples))) - set(kept))
    splits = {}
    for split, part in (("train", slice(None, boundary)), ("test", slice(boundary, None))):
        counts = Counter(labels[part].tolist())
        for name in classes:
            if not counts[numbers[name]]:
                here = [samples[i] for i in ignored if (i < len(train)) == (split == "train")]
                notes = ignored_notes([path for path, label in here if label == name])
                raise empty_class(folder / split / name, *notes[:1])
        splits[split] = ImageSet(images(part), labels[part], tuple(classes), str(folder / split))
    left_out = ignored_notes([samples[index][0] for index in ignored])
    return Dataset("image_folder", splits["train"], splits["test"], notes=tuple(left_out))


def _fit(train: list[Sample], test: list[Sample], tests: int, conversion: Conversion) -> bool:
    """Whether memory holds all images as bytes, and as float32, the test images ``tests`` times."""
    from nullfit.system.memory import available_memory  # noqa: PLC0415

    free = available_memory(torch.device("cpu"))
    height, width = _size(train, conversion)
    values = conversion.channels * height * width
    need = values * (5 * len(train) + (1 + 4 * tests) * len(test)) + _PROGRAM_BYTES
    if free is None or need <= free:
        return True
    _LOG.warning(
        "The images take %.1f GiB of memory, %.1f GiB are free: they are read from their files "
        "again and again (data.streaming=auto)",
        need / 2**30,
        free / 2**30,
    )
    return False


def _size(samples: list[Sample], conversion: Conversion) -> tuple[int, int]:
    """Height and width of the first image, or what all are resized to."""
    from nullfit.data.sources.decode import (  # noqa: PLC0415
        BrokenImageError,
        decode_image,
        refuse_broken,
    )

    if (size := conversion.image_size) is not None:
        return size, size
    broken = []
    for path, _ in samples:
        try:
            decoded = decode_image(path, conversion)
        except BrokenImageError as error:  # who decodes all will name it among others
            broken.append(error)
            continue
        if decoded is not None:
            height, width, _ = decoded.pixels.shape
            return height, width
    refuse_broken(broken)
    notes = ignored_notes([path for path, _ in samples])
    raise empty_class(Path(samples[0][0]).parent, *notes[:1])


def _in_files(
    folder: Path,
    train: list[Sample],
    test: list[Sample],
    conversion: Conversion,
    workers: int | None,
) -> Dataset:
    from nullfit.data.sources.bit_depth import measured_depth  # noqa: PLC0415
    from nullfit.data.sources.decode import decode_images, images_among  # noqa: PLC0415

    paths = [path for path, _ in (*train, *test)]
    kept = images_among(paths)
    found = [paths[index] for index in kept]
    bits, depth_note = measured_depth(found)
    conversion = conversion._replace(bits=bits)
    files = ImageFiles(
        str(folder),
        file_names(str(folder), found),
        conversion,
        _size(train, conversion),
        min(torch.get_num_threads(), _MOST_WORKERS) if workers is None else workers,
    )
    dataset = _dataset(folder, train, test, kept, files.part)
    some = found[:: max(1, len(found) // _LOOKED_AT)]
    return _noted(dataset, depth_note, decode_images(some, conversion), some, conversion.background)
