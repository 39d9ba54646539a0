"""Image files of any format to bytes of one shape."""

from collections.abc import Sequence
from functools import cache, partial
from pathlib import PurePath

import numpy as np
import torch
from jaxtyping import UInt8
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from nullfit.console.progress import track
from nullfit.data.sources.bit_depth import FULL, as_bytes, is_deep_grey, measured_bits
from nullfit.data.sources.file_threads import in_threads
from nullfit.errors import UserError

Pixels = NDArray[np.uint8]


def decode_images(
    paths: Sequence[str], image_size: int | None, channels: int
) -> tuple[UInt8[Tensor, "n c h w"], list[int]]:
    """All images in the order of ``paths``, and the indices of the paths that are images.

    See `decode_image` for what happens to each; images of more than eight bits are scaled by what
    all of them hold (`measured_bits`). Without ``image_size`` all must have one size.

    Raises:
        UserError: an image is broken, sizes differ, or there is no image at all; files are named.
    """
    images, kept = np.empty((0, channels, 1, 1), np.uint8), list[int]()
    decode = partial(
        decode_image, image_size=image_size, channels=channels, bits=measured_bits(paths)
    )
    decoded = in_threads(decode, paths)
    for index, pixels in enumerate(track(decoded, len(paths), "Decoding images")):
        if pixels is None:
            continue
        if not kept:
            images = np.empty((len(paths), channels, *pixels.shape[:2]), np.uint8)
        elif pixels.shape[:2] != images.shape[2:]:
            raise sizes_differ(paths[kept[0]], images.shape[2:], paths[index], pixels.shape[:2])
        images[len(kept)] = pixels.transpose(2, 0, 1)
        kept.append(index)
    return torch.from_numpy(images[: len(kept)]), kept


def decode_image(
    path: str, image_size: int | None, channels: int, bits: int = FULL
) -> Pixels | None:
    """One image as bytes (height, width, channels); None where the file is not meant as an image.

    It is turned upright by its EXIF orientation; of several frames the first counts; transparency
    is dropped. Of more than eight bits a channel, of which the data set uses ``bits``, the upper
    eight are taken. With ``image_size`` the centre square is resized to that many pixels a side:
    nothing is distorted, and what a longer side has beyond the square is left out.

    Raises:
        UserError: the file claims to be an image by its suffix or content, but cannot be read.
    """
    try:
        with Image.open(path) as image:
            if image_size is not None:
                image.draft(None, (2 * image_size, 2 * image_size))  # large JPEGs decode faster
            upright = ImageOps.exif_transpose(image)
            if is_deep_grey(upright):
                # Pillow's own conversion to bytes cuts off at 255 instead of scaling down.
                upright = Image.fromarray(as_bytes(upright, path, bits))
            upright = _to_bytes(upright, "L" if channels == 1 else "RGB")
            if image_size is not None:
                upright = ImageOps.fit(upright, (image_size, image_size), Image.Resampling.BILINEAR)
            pixels = np.asarray(upright)
            return pixels[:, :, None] if channels == 1 else pixels
    except UnidentifiedImageError as error:
        if PurePath(path).suffix.lower() not in _image_suffixes():
            return None
        raise _broken(path, "not an image, whatever its name says") from error
    except MemoryError:
        raise
    except Exception as error:  # Pillow's formats raise whatever comes up in them
        raise _broken(path, str(error)) from error


def is_image(path: str) -> bool:
    """Whether a file is meant as an image: by its suffix, or else by its content."""
    if PurePath(path).suffix.lower() in _image_suffixes():
        return True
    try:
        with Image.open(path):
            return True
    except UnidentifiedImageError:
        return False
    except Exception as error:
        raise _broken(path, str(error)) from error


def _to_bytes(image: Image.Image, mode: str) -> Image.Image:
    if image.mode == "F":
        raise ValueError("it holds floating-point values; convert it to 8 bits per channel")
    if "transparency" in image.info:
        image = image.convert("RGBA")
    return image if image.mode == mode else image.convert(mode)


@cache
def _image_suffixes() -> frozenset[str]:
    readable = Image.registered_extensions().items()
    return frozenset(suffix for suffix, kind in readable if kind in Image.OPEN)


def _broken(path: str, reason: str) -> UserError:
    return UserError(
        f"Image {path} cannot be read: {reason.rstrip('.')}.\nReplace it or remove it."
    )


def sizes_differ(first: str, one: Sequence[int], second: str, other: Sequence[int]) -> UserError:
    """The error for two images of different sizes, each (height, width)."""
    return UserError(
        f"Images differ in size: {first} is {one[0]}×{one[1]}, {second} is {other[0]}×{other[1]} "
        "(height×width).\nSet data.image_size to resize all of them, e.g. data.image_size=32."
    )
