"""Arrays of a user's own as images and labels: taken where their meaning is plain, else refused."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor

from nullfit.errors import UserError

_SHAPES = "images have the shape (samples, channels, height, width)"
_CHANNELS_LAST = (1, 3, 4)
_BRIGHT = 128  # fractions up to there and beyond are of 255, not of 1


def image_tensor(
    images: Any, source: str, *, any_scale: bool = False
) -> UInt8[Tensor, "n c h w"] | Float32[Tensor, "n c h w"]:
    """Images as bytes, or as float32 in [0, 1], in a tensor on the CPU.

    Taken are tensors and what NumPy makes arrays of: bytes; other integers from 0 to 255; false and
    true; floats in [0, 1], or plainly of 255 (some are 128 or more). Images (n, h, w) have one
    channel; (n, h, w, c) are turned to (n, c, h, w) where their shape is plainly that. With
    ``any_scale`` floats stay as they are.

    Raises:
        UserError: they are none of that; the message says what they are, with an example.
    """
    tensor = _with_channels(_tensor(images, source, "images"), source)
    if tensor.dtype == torch.uint8 or tensor.numel() == 0:
        return tensor
    if tensor.dtype == torch.bool:
        return tensor.to(torch.float32)
    if not tensor.is_floating_point():
        if int(tensor.min()) < 0 or int(tensor.max()) > 255:
            raise _out_of_range(source, tensor, (tensor < 0) | (tensor > 255), "bytes are 0 to 255")
        return tensor.to(torch.uint8)
    tensor = tensor.to(torch.float32)
    low, high = map(float, torch.aminmax(tensor))
    if not np.isfinite([low, high]).all():
        raise _out_of_range(source, tensor, ~tensor.isfinite(), "numbers are finite")
    if any_scale or (low >= 0 and high <= 1):
        return tensor
    if low >= 0 and _BRIGHT <= high <= 255:
        whole = bool((tensor == tensor.round()).all())
        return tensor.to(torch.uint8) if whole else tensor / 255
    raise _out_of_range(source, tensor, (tensor < 0) | (tensor > 1), "floats lie in [0, 1]")


def label_tensor(labels: Any, classes: Sequence[str], source: str) -> Int64[Tensor, " n"]:
    """Labels as int64: whole numbers of any type from 0, or names of classes.

    Raises:
        UserError: some are no classes; the message says how many, with an example.
    """
    labels = _names_as_numbers(labels, classes, source)
    tensor = _tensor(labels, source, "labels")
    if tensor.ndim == 2 and tensor.shape[1] == 1:
        tensor = tensor[:, 0]
    if tensor.ndim != 1:
        raise UserError(
            f"{source}: labels have the shape {tuple(tensor.shape)}, not one number for each image."
            "\nOf one-hot labels take labels.argmax(1)."
        )
    wrong = (tensor < 0) | (tensor >= len(classes))
    if tensor.is_floating_point():
        wrong = ~((tensor >= 0) & (tensor < len(classes)) & (tensor == tensor.round()))
    if wrong.any():
        place = int(wrong.nonzero()[0])
        raise UserError(
            f"{source}: {int(wrong.sum())} of {len(tensor)} labels are no classes, e.g. "
            f"{tensor[place].item()} of sample {place}.\n{len(classes)} classes allow the whole "
            f"numbers 0 to {len(classes) - 1}."
        )
    return tensor.to(torch.int64)


def _tensor(values: Any, source: str, what: str) -> Tensor:
    """Numbers in a tensor on the CPU, which nobody else writes to unless they were in one."""
    if isinstance(values, Tensor):
        if values.is_complex():
            raise UserError(f"{source}: {what} must be real numbers; these are {values.dtype}.")
        is_kept = values.is_floating_point() or values.dtype in (torch.uint8, torch.bool)
        return values.detach().to("cpu", None if is_kept else torch.int64)
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of several lengths
        raise UserError(f"{source}: {what} are no array: {error}.") from error
    if array.dtype.kind not in "biuf":
        kind = type(array.flat[0]).__name__ if array.size else str(array.dtype)
        raise UserError(f"{source}: {what} must be numbers in an array; these are {kind}.")
    if array.dtype.kind in "iu" and array.dtype != np.uint8:
        if array.size and int(array.max()) >= 2**63:
            raise UserError(f"{source}: {what} are as large as {array.max()}.")
        array = array.astype(np.int64)
    elif array.dtype.kind == "f":
        array = array.astype(np.float64 if array.dtype.itemsize > 4 else np.float32)
    native = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
    return torch.from_numpy(native if native.flags.writeable else native.copy())


def _with_channels(images: Tensor, source: str) -> Tensor:
    if images.ndim == 3:
        return images.unsqueeze(1)
    if images.ndim != 4:
        hint = (
            "\nTurn rows into images: images.reshape(-1, 1, height, width)."
            if images.ndim == 2
            else ""
        )
        raise UserError(f"{source}: {_SHAPES}; these have {tuple(images.shape)}.{hint}")
    _, first, height, last = images.shape
    turned = last in _CHANNELS_LAST and min(first, height) > max(_CHANNELS_LAST)
    if turned and (last > 1 or first == height):
        return images.permute(0, 3, 1, 2).contiguous()
    return images


def _out_of_range(source: str, images: Tensor, wrong: Tensor, rule: str) -> UserError:
    place = int(wrong.flatten(1).any(1).nonzero()[0])
    value = images[place][wrong[place]][0].item()
    message = (
        f"{source}: {int(wrong.sum())} of {images.numel()} values are out of range, e.g. {value:g} "
        f"in image {place}: {rule}."
    )
    if not np.isfinite(value):
        return UserError(f"{message}\nLeave such images out, or fill their gaps.")
    low, high = images.min().item(), images.max().item()
    return UserError(
        f"{message}\nThese lie in [{low:g}, {high:g}]: scale them, (images - low) / (high - low)."
    )


def _names_as_numbers(labels: Any, classes: Sequence[str], source: str) -> Any:
    """Positions in ``classes`` where labels are texts."""
    if isinstance(labels, Tensor):
        return labels
    array = np.asarray(labels)
    if array.dtype.kind not in "UO" or not all(isinstance(x, str) for x in array.flat):
        return array
    numbers = {name: number for number, name in enumerate(classes)}
    wrong = [place for place, name in enumerate(array.flat) if name not in numbers]
    if wrong:
        raise UserError(
            f"{source}: {len(wrong)} of {array.size} labels are no classes, e.g. "
            f"{str(array.flat[wrong[0]])!r} of sample {wrong[0]}.\nThe classes are "
            f"{', '.join(classes)}."
        )
    return np.array([numbers[name] for name in array.flat], np.int64)
