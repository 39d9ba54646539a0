"""A kernel matrix of features too many to hold: summed up part by part, then kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from nullfit.features.features import Features, Tick, silent
from nullfit.tasks.kernel.kernel_function import ProductKernel
from nullfit.tasks.kernel.matrix import ROWS, KernelMatrix, add_symmetric_
from nullfit.tasks.kernel.packed import BlockColumns

Images = Float32[Tensor, "_ c h w"]


@dataclass(frozen=True)
class AccumulatedMatrix(KernelMatrix):
    """The lower triangle in single precision, and the rows of the held-out samples.

    It takes n²/2 numbers beside the factor, and gives refinement the stored entries to go by.
    """

    columns: list[Float32[Tensor, "_ _"]]
    others: list[Float32[Tensor, "_ _"]]  # samples × training samples

    @classmethod
    def of(
        cls,
        kernel: ProductKernel,
        features: Features,
        train: Images,
        others: Sequence[Images],
        device: torch.device,
        tick: Tick = silent,
    ) -> "AccumulatedMatrix":
        """Sum up scalar products over the features' parts; ``tick`` counts parts."""
        size = len(train)
        made = cls(
            [torch.zeros(size - a, b - a, device=device) for a, b in BlockColumns(size)],
            [torch.zeros(len(images), size, device=device) for images in others],
        )
        squares = torch.zeros(size, device=device)
        other_squares = [torch.zeros(len(images), device=device) for images in others]
        for part in range(features.parts):
            own = features.part(train, part, device)
            squares += own.square().sum(1)
            for column, (start, stop) in zip(made.columns, BlockColumns(size), strict=True):
                column.addmm_(own[start:], own[start:stop].T)
            for rows, sums, images in zip(made.others, other_squares, others, strict=True):
                theirs = features.part(images, part, device)
                sums.add_(theirs.square().sum(1))
                rows.addmm_(theirs, own.T)
            tick(1.0)
        for column, (start, stop) in zip(made.columns, BlockColumns(size), strict=True):
            kernel.of_products_(column, squares[start:], squares[start:stop])
        for rows, sums in zip(made.others, other_squares, strict=True):
            kernel.of_products_(rows, sums, squares)
        return made

    @property
    def size(self) -> int:  # type: ignore[override]
        """The number of training samples."""
        return len(self.columns[0])

    @property
    def device(self) -> torch.device:
        """That of the entries."""
        return self.columns[0].device

    def column(self, start: int, stop: int, dtype: torch.dtype) -> Float[Tensor, "rows columns"]:
        """A copy of a block column."""
        layout = list(BlockColumns(self.size))
        return self.columns[layout.index((start, stop))].to(dtype, copy=True)

    def product(
        self, coefficients: Float64[Tensor, "n c"], tick: Tick = silent
    ) -> Float64[Tensor, "n c"]:
        """Stored entries, multiplied and added in double precision."""
        out = torch.zeros_like(coefficients)
        for column, (start, stop) in zip(self.columns, BlockColumns(self.size), strict=True):
            first = start
            for block in column.split(ROWS):
                rows = (first, first + len(block))
                add_symmetric_(out, coefficients, block.double(), rows, (start, stop))
                first += len(block)
                tick(float(block.numel()))
        return out

    def held_out(
        self, split: int, coefficients: Float64[Tensor, "n c"], tick: Tick = silent
    ) -> Float64[Tensor, "m c"]:
        """Stored entries, multiplied and added in double precision."""
        parts = []
        for rows in self.others[split].split(ROWS // 8):
            parts.append(rows.double() @ coefficients)
            tick(float(rows.numel()))
        return torch.cat(parts)
