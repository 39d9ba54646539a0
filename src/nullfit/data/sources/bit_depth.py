"""How many bits the images of a data set use that have more than eight for a channel.

A file of 16 bits may hold values of 12, and one of 32 bits values of 8: taken for 16 bits they
would come out black. What the values reach is measured over all files of a data set and not for
each, so that a dark image stays darker than a bright one.
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from nullfit.console.messages import one_line
from nullfit.console.progress import track
from nullfit.data.sources.file_threads import in_threads
from nullfit.errors import UserError

FULL = 16
_DEPTHS = (8, 10, 12, 14, FULL)
# JPEG has eight bits: large sets of it need not be opened for that.
_EIGHT_BITS = {".jpg", ".jpeg"}
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DEPTH = 24  # where its header says how many bits a channel has


class _Deep(NamedTuple):
    path: str
    largest: int
    colour: bool


class Depth(NamedTuple):
    """How many bits are used (8, 10, 12, 14 or 16), and below 16 a line that says it."""

    bits: int
    note: str | None = None


def measured_depth(paths: Sequence[str]) -> Depth:
    """How many bits hold the values of all images deeper than eight bits; 16 if there are none.

    Raises:
        UserError: images in colour use less than 16 bits, of which Pillow reads the upper eight.
    """
    found = _found(paths)
    return _depth_of(found) if found else Depth(FULL)


def below_full(paths: Sequence[str]) -> bool:
    """Whether there are images of more than eight bits, of which none uses all 16."""
    return bool(_found(paths))


def _found(paths: Sequence[str]) -> list[_Deep]:
    """What the deep images hold; nothing where one of them uses all bits."""
    found = []
    candidates = [path for path in paths if PurePath(path).suffix.lower() not in _EIGHT_BITS]
    looked = in_threads(_look, candidates)
    for deep in track(looked, len(candidates), "Measuring the depth of images"):
        if deep is None:
            continue
        if deep.largest >> _DEPTHS[-2]:  # whatever the others hold
            return []
        found.append(deep)
    return found


def _depth_of(found: Sequence[_Deep]) -> Depth:
    example = max(found, key=lambda deep: deep.largest)
    colour = next((deep for deep in found if deep.colour), None)
    if colour is not None:
        raise UserError(
            f"Image {colour.path} has 16 bits a channel, of which it uses 14 or fewer, like all "
            f"such images of the set ({len(found)}): it would be nearly black.\n"
            "Convert them to 8 bits a channel, scaled by what they hold."
        )
    bits = next(depth for depth in _DEPTHS if not example.largest >> depth)
    return Depth(
        bits,
        f"{len(found)} image(s) of 16 or 32 bits hold values up to {example.largest}, e.g. "
        f"{one_line(example.path)}: all are read as {bits} bits (0 to {2**bits - 1} become 0 to "
        "255)",
    )


def _look(path: str) -> _Deep | None:
    """What a file holds if it is deep; who decodes it will say if it is broken."""
    try:
        if _is_shallow_png(path):
            return None
        with Image.open(path) as image:
            if is_deep_grey(image):
                return _Deep(path, int(np.asarray(image).max()), colour=False)
            if _is_deep_colour(image):
                upper = int(np.asarray(image.convert("RGB")).max())
                return _Deep(path, upper << 8 | 0xFF, colour=True)
    except MemoryError:
        raise
    except Exception:  # Pillow's formats raise whatever comes up in them
        return None
    return None


def _is_shallow_png(path: str) -> bool:
    """Told from its header: to open it with Pillow takes ten times as long."""
    with open(path, "rb") as file:
        head = file.read(_PNG_DEPTH + 1)
    return head.startswith(_PNG) and head[_PNG_DEPTH:] != bytes([FULL])


def is_deep_grey(image: Image.Image) -> bool:
    """Whether Pillow gives integers of more than eight bits."""
    return image.mode == "I" or image.mode.startswith("I;16")


def _is_deep_colour(image: Image.Image) -> bool:
    """Whether Pillow will give the upper eight bits of 16."""
    tiles = getattr(image, "tile", [])
    return any(";16" in str(tile[3]) for tile in tiles)


def as_bytes(image: Image.Image, path: str, bits: int) -> UInt8[np.ndarray, "h w"]:
    """The values of a deep grey image of a set that uses so many bits, scaled to bytes.

    Raises:
        ValueError: they are negative or too large.
    """
    values = np.asarray(image)
    least, largest = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if PurePath(path).suffix.lower() in _EIGHT_BITS:
        raise ValueError("it has more than 8 bits a channel, so it is no JPEG; rename it")
    if least < 0:
        raise ValueError("it holds values below 0; convert it to 8 bits per channel")
    if largest >> FULL:
        raise ValueError("its values do not fit into 16 bits; convert it to 8 bits per channel")
    if largest >> bits:
        raise ValueError(f"it holds {largest}, and when the data set was read none held {2**bits}")
    return (values >> (bits - 8)).astype(np.uint8)
