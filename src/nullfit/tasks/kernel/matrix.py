"""A kernel matrix that is never held: blocks of it are computed where they are needed."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from nullfit.features.features import Tick, silent
from nullfit.tasks.kernel.kernel_function import Kernel
from nullfit.tasks.kernel.packed import BlockColumns

ROWS = 2048  # of a block that is worked on at once; it then stays in the processor's cache


class KernelMatrix(ABC):
    """The kernel's values between training samples, and from held-out samples to them."""

    size: int

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Where it is computed."""

    @abstractmethod
    def column(self, start: int, stop: int, dtype: torch.dtype) -> Float[Tensor, "rows columns"]:
        """Rows ``start``… of columns ``start``…``stop``, to be overwritten by the caller."""

    @abstractmethod
    def product(
        self, coefficients: Float64[Tensor, "n c"], tick: Tick = silent
    ) -> Float64[Tensor, "n c"]:
        """K times the coefficients in double precision; ``tick``: entries of the triangle."""

    @abstractmethod
    def held_out(
        self, split: int, coefficients: Float64[Tensor, "n c"], tick: Tick = silent
    ) -> Float64[Tensor, "m c"]:
        """The interpolant's values at the samples of a held-out split; ``tick``: entries."""


@dataclass(frozen=True)
class MatrixOfFeatures(KernelMatrix):
    """The matrix for samples whose feature vectors are all at hand.

    ``column`` works in the type asked for, ``product`` and ``held_out`` in double precision
    throughout, so that refinement converges to the solution for the exact kernel.
    """

    kernel: Kernel
    train: Float32[Tensor, "n d"]
    others: Sequence[Float32[Tensor, "_ d"]] = ()

    @property
    def size(self) -> int:  # type: ignore[override]
        """The number of training samples."""
        return len(self.train)

    @property
    def device(self) -> torch.device:
        """That of the features."""
        return self.train.device

    def column(self, start: int, stop: int, dtype: torch.dtype) -> Float[Tensor, "rows columns"]:
        """Part of a block column."""
        own = self.train[start:stop].to(dtype)
        rows = self.train[start:]
        out = torch.empty(len(rows), len(own), dtype=dtype, device=self.device)
        for block, features in zip(out.split(ROWS), rows.split(ROWS), strict=True):
            block.copy_(self.kernel(features.to(dtype), own))
        return out

    def product(
        self, coefficients: Float64[Tensor, "n c"], tick: Tick = silent
    ) -> Float64[Tensor, "n c"]:
        """Each block below the diagonal is computed once and used for its mirror image, too."""
        out = torch.zeros_like(coefficients)
        for start, stop in BlockColumns(self.size):
            own = self.train[start:stop].double()
            for first in range(start, self.size, ROWS):
                last = min(first + ROWS, self.size)
                values = self.kernel(self.train[first:last].double(), own)
                add_symmetric_(out, coefficients, values, (first, last), (start, stop))
                tick(float(values.numel()))
        return out

    def held_out(
        self, split: int, coefficients: Float64[Tensor, "n c"], tick: Tick = silent
    ) -> Float64[Tensor, "m c"]:
        """The sum over training samples, block by block."""
        samples = self.others[split]
        out = torch.zeros(
            len(samples), coefficients.shape[1], dtype=torch.float64, device=self.device
        )
        for start, stop in BlockColumns(self.size):
            own = self.train[start:stop].double()
            for block, features in zip(out.split(ROWS), samples.split(ROWS), strict=True):
                values = self.kernel(features.double(), own)
                block.addmm_(values, coefficients[start:stop])
                tick(float(values.numel()))
        return out


def add_symmetric_(
    out: Float64[Tensor, "n c"],
    coefficients: Float64[Tensor, "n c"],
    values: Float64[Tensor, "r k"],
    rows: tuple[int, int],
    columns: tuple[int, int],
) -> None:
    """Add a block of a symmetric matrix, and its mirror image, times the coefficients to ``out``.

    The rows begin at the columns' first or below their last; a part that lies on both sides of the
    diagonal counts once.
    """
    (first, last), (start, stop) = rows, columns
    out[first:last] += values @ coefficients[start:stop]
    beyond = max(stop, first)  # rows before it lie in the square on the diagonal
    if beyond < last:
        out[start:stop] += values[beyond - first :].T @ coefficients[beyond:last]
