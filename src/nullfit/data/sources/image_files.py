"""Images that stay in their files until they are asked for."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Int64, Shaped, UInt8
from numpy.typing import NDArray
from torch import Tensor

from nullfit.data.sources.conversion import Conversion
from nullfit.errors import UserError


@dataclass(frozen=True)
class ImageFiles:
    """Stands for a tensor of bytes (n, channels, size, size) that is decoded sample by sample.

    ``names`` are paths relative to ``folder``, as one array of bytes: a list of strings would take
    several times the memory, and processes forked from this one would copy it bit by bit.
    ``size`` is (height, width). ``workers`` is how many processes are to read.
    """

    folder: str
    names: Shaped[np.ndarray, " n"]
    conversion: Conversion
    size: tuple[int, int]
    workers: int

    def __len__(self) -> int:
        return len(self.names)

    @property
    def shape(self) -> torch.Size:
        """Samples, channels, height, width."""
        return torch.Size((len(self), self.conversion.channels, *self.size))

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
            UserError: files are gone, damaged or of another size; they are named.
        """
        # Pillow is imported where files are read: most runs never need it.
        from nullfit.data.sources.decode import BrokenImageError, refuse_broken  # noqa: PLC0415

        images, broken = np.empty((len(indices), *self.shape[1:]), np.uint8), []
        for place, index in enumerate(indices.tolist()):
            try:
                images[place] = self._decode(self.path(index))
            except BrokenImageError as error:  # the others are to be named as well
                broken.append(error)
        refuse_broken(broken)
        return torch.from_numpy(images)

    def path(self, index: int) -> str:
        """The file of one image."""
        return os.path.join(self.folder, os.fsdecode(bytes(self.names[index])))

    def _decode(self, path: str) -> NDArray[np.uint8]:
        from nullfit.data.sources.decode import decode_image, sizes_differ  # noqa: PLC0415

        decoded = decode_image(path, self.conversion)
        if decoded is None:
            raise UserError(f"Image {path} is no longer an image.\nReplace it or remove it.")
        if decoded.pixels.shape[:2] != self.size:
            raise sizes_differ(self.path(0), self.size, path, decoded.pixels.shape[:2])
        return decoded.pixels.transpose(2, 0, 1)


def file_names(folder: str, paths: Sequence[str]) -> Shaped[np.ndarray, " n"]:
    """What `ImageFiles` keeps of ``paths``, all of which lie below ``folder``."""
    below = len(os.path.join(folder, ""))
    return np.array([os.fsencode(path[below:]) for path in paths], dtype=np.bytes_)
