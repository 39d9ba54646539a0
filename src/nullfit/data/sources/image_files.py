"""Images that stay in their files until they are asked for."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Int64, Shaped, UInt8
from numpy.typing import NDArray
from torch import Tensor

from nullfit.errors import UserError


@dataclass(frozen=True)
class ImageFiles:
    """Stands for a tensor of bytes (n, channels, size, size) that is decoded sample by sample.

    ``names`` are paths relative to ``folder``, as one array of bytes: a list of strings would take
    several times the memory, and processes forked from this one would copy it bit by bit.
    ``image_size``, ``bits`` and the number of channels are those of `decode_image`; ``size`` is
    (height, width). ``workers`` is how many processes are to read.
    """

    folder: str
    names: Shaped[np.ndarray, " n"]
    channels: int
    size: tuple[int, int]
    image_size: int | None
    bits: int
    workers: int

    def __len__(self) -> int:
        return len(self.names)

    @property
    def shape(self) -> torch.Size:
        """Samples, channels, height, width."""
        return torch.Size((len(self), self.channels, *self.size))

    @property
    def dtype(self) -> torch.dtype:
        """Bytes, as files hold them."""
        return torch.uint8

    def select(self, indices: Int64[Tensor, " m"]) -> "ImageFiles":
        """The files at ``indices``, in that order."""
        return replace(self, names=self.names[indices.numpy()])

    def part(self, part: slice) -> "ImageFiles":
        """A slice of the files."""
        return replace(self, names=self.names[part])

    def read(self, indices: Int64[Tensor, " m"]) -> UInt8[Tensor, "m c h w"]:
        """Decode the images at ``indices``.

        Raises:
            UserError: a file is gone, damaged or of another size; it is named.
        """
        images = np.empty((len(indices), self.channels, *self.size), np.uint8)
        for place, index in enumerate(indices.tolist()):
            images[place] = self._decode(self.path(index))
        return torch.from_numpy(images)

    def path(self, index: int) -> str:
        """The file of one image."""
        return os.path.join(self.folder, os.fsdecode(bytes(self.names[index])))

    def _decode(self, path: str) -> NDArray[np.uint8]:
        # Pillow is imported where files are read: most runs never need it.
        from nullfit.data.sources.decode import decode_image, sizes_differ  # noqa: PLC0415

        pixels = decode_image(path, self.image_size, self.channels, self.bits)
        if pixels is None:
            raise UserError(f"Image {path} is no longer an image.\nReplace it or remove it.")
        if pixels.shape[:2] != self.size:
            raise sizes_differ(self.path(0), self.size, path, pixels.shape[:2])
        return pixels.transpose(2, 0, 1)


def file_names(folder: str, paths: Sequence[str]) -> Shaped[np.ndarray, " n"]:
    """What `ImageFiles` keeps of ``paths``, all of which lie below ``folder``."""
    below = len(os.path.join(folder, ""))
    return np.array([os.fsencode(path[below:]) for path in paths], dtype=np.bytes_)
