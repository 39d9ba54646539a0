"""Image files of any format to bytes of one shape."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import UInt8
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from nullfit.console.messages import one_line
from nullfit.console.progress import track
from nullfit.data.sources.bit_depth import as_bytes, is_deep_grey
from nullfit.data.sources.conversion import Background, Conversion
from nullfit.data.sources.file_threads import in_threads
from nullfit.errors import UserError

Pixels = NDArray[np.uint8]
_NAMED = 10


class Decoded(NamedTuple):
    """One image as bytes (height, width, channels), and whether one sees the background in it."""

    pixels: Pixels
    see_through: bool


class DecodedSet(NamedTuple):
    """Images in order, the indices of their files, and of those with transparent parts."""

    images: UInt8[Tensor, "n c h w"]
    kept: list[int]
    see_through: list[int]


class BrokenImageError(UserError):
    """A file that claims to be an image by its suffix or content, but cannot be read."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason.rstrip(".")
        super().__init__(f"Image {path} cannot be read: {self.reason}.\nReplace it or remove it.")

    def __reduce__(self) -> tuple[Any, ...]:
        """As it comes from the processes that read."""
        return type(self), (self.path, self.reason)


def decode_images(paths: Sequence[str], conversion: Conversion) -> DecodedSet:
    """All images in the order of ``paths``; see `decode_image` for what happens to each.

    Without ``image_size`` all must have one size.

    Raises:
        UserError: images are broken, sizes differ, or there is no image at all; files are named.
    """
    images = np.empty((0, conversion.channels, 1, 1), np.uint8)
    kept, see_through, broken = list[int](), list[int](), list[BrokenImageError]()

    def decode(path: str) -> Decoded | BrokenImageError | None:
        try:
            return decode_image(path, conversion)
        except BrokenImageError as error:  # the others are to be named as well
            return error

    decoded = in_threads(decode, paths)
    for index, found in enumerate(track(decoded, len(paths), "Decoding images")):
        if isinstance(found, BrokenImageError):
            broken.append(found)
            continue
        if found is None or broken:
            continue
        pixels = found.pixels
        if not kept:
            images = np.empty((len(paths), conversion.channels, *pixels.shape[:2]), np.uint8)
        elif pixels.shape[:2] != images.shape[2:]:
            raise sizes_differ(paths[kept[0]], images.shape[2:], paths[index], pixels.shape[:2])
        images[len(kept)] = pixels.transpose(2, 0, 1)
        kept.append(index)
        if found.see_through:
            see_through.append(index)
    refuse_broken(broken)
    return DecodedSet(torch.from_numpy(images[: len(kept)]), kept, see_through)


def decode_image(path: str, conversion: Conversion) -> Decoded | None:
    """One image as bytes; None where the file is not meant as an image.

    It is turned upright by its EXIF orientation; of several frames the first counts; transparent
    parts show the background. Of more than eight bits a channel, of which the data set uses
    ``bits``, the upper eight are taken. With ``image_size`` the centre square is resized to that
    many pixels a side: nothing is distorted, and what a longer side has beyond the square is left
    out.

    Raises:
        BrokenImageError: the file claims to be an image, but cannot be read.
    """
    size = conversion.image_size
    try:
        with Image.open(path) as image:
            if size is not None:
                image.draft(None, (2 * size, 2 * size))  # large JPEGs decode faster
            upright = ImageOps.exif_transpose(image)
            if is_deep_grey(upright):
                upright = _shallow(upright, path, conversion.bits)
            if upright.mode == "F":
                raise ValueError("it holds floating-point values; convert it to 8 bits per channel")
            upright, see_through = _opaque(upright, conversion.background)
            mode = "L" if conversion.channels == 1 else "RGB"
            upright = upright if upright.mode == mode else upright.convert(mode)
            if size is not None:
                upright = ImageOps.fit(upright, (size, size), Image.Resampling.BILINEAR)
            pixels = np.asarray(upright)
            return Decoded(pixels[:, :, None] if mode == "L" else pixels, see_through)
    except UnidentifiedImageError as error:
        if PurePath(path).suffix.lower() not in _image_suffixes():
            return None
        raise BrokenImageError(path, "not an image, whatever its name says") from error
    except MemoryError:
        raise
    except Exception as error:  # Pillow's formats raise whatever comes up in them
        raise BrokenImageError(path, str(error)) from error


def _shallow(image: Image.Image, path: str, bits: int) -> Image.Image:
    """A deep grey image in bytes: Pillow's own conversion cuts off at 255 instead of scaling."""
    shallow = Image.fromarray(as_bytes(image, path, bits))
    if isinstance(clear := image.info.get("transparency"), int):  # the value that is transparent
        opacity = np.where(np.asarray(image) == clear, 0, 255).astype(np.uint8)
        shallow.putalpha(Image.fromarray(opacity))
    return shallow


def _opaque(image: Image.Image, background: Background) -> tuple[Image.Image, bool]:
    """The image without transparency, and whether one sees the background in it."""
    if not image.has_transparency_data:
        return image, False
    coloured = image.convert("RGBA")
    if background == "ignore" or coloured.getchannel("A").getextrema()[0] == 255:
        return coloured.convert("RGB"), False
    canvas = Image.new("RGBA", image.size, background)
    canvas.alpha_composite(coloured)
    return canvas.convert("RGB"), True


def images_among(paths: Sequence[str]) -> list[int]:
    """The indices of the files that are meant as images: by suffix, or else by content.

    Raises:
        UserError: some begin like images, but cannot be read; they are named.
    """
    kept, broken = list[int](), list[BrokenImageError]()
    for index, path in enumerate(track(paths, len(paths), "Finding images")):
        try:
            if _is_image(path):
                kept.append(index)
        except BrokenImageError as error:
            broken.append(error)
    refuse_broken(broken)
    return kept


def _is_image(path: str) -> bool:
    if PurePath(path).suffix.lower() in _image_suffixes():
        return True
    try:
        with Image.open(path):
            return True
    except UnidentifiedImageError:
        return False
    except Exception as error:
        raise BrokenImageError(path, str(error)) from error


def see_through(paths: Sequence[str]) -> bool:
    """Whether there is a transparent part in any of the images that can be read."""
    return any(in_threads(_is_see_through, paths))


def _is_see_through(path: str) -> bool:
    try:
        with Image.open(path) as image:
            if not image.has_transparency_data:
                return False
            return image.convert("RGBA").getchannel("A").getextrema()[0] != 255
    except MemoryError:
        raise
    except Exception:  # who decodes it will say what is wrong with it
        return False


@cache
def _image_suffixes() -> frozenset[str]:
    readable = Image.registered_extensions().items()
    return frozenset(suffix for suffix, kind in readable if kind in Image.OPEN)


def refuse_broken(broken: Sequence[BrokenImageError]) -> None:
    """Name the images that cannot be read: all of them up to ten.

    Raises:
        UserError: there are any.
    """
    if len(broken) == 1:
        raise broken[0]
    if broken:
        folder = os.path.commonpath([os.path.dirname(error.path) for error in broken])
        names = [one_line(os.path.relpath(error.path, folder)) for error in broken[:_NAMED]]
        more = f" and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
        raise UserError(
            f"{len(broken)} images cannot be read, e.g. {broken[0].path}: {broken[0].reason}.\n"
            f"Replace or remove these in {folder}: {', '.join(names)}{more}."
        )


def sizes_differ(first: str, one: Sequence[int], second: str, other: Sequence[int]) -> UserError:
    """The error for two images of different sizes, each (height, width)."""
    return UserError(
        f"Images differ in size: {first} is {one[0]}×{one[1]}, {second} is {other[0]}×{other[1]} "
        "(height×width).\nSet data.image_size to resize all of them, e.g. data.image_size=32."
    )
