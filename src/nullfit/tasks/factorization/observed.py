"""Observed entries of a matrix, row by row, for products with dense matrices."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int, Int64
from torch import Tensor


@dataclass(frozen=True)
class Observed:
    """Compressed rows: those of row r are the entries ``pointers[r]`` to ``pointers[r + 1]``.

    Indices are 32 bits wide where that is enough, which halves the traffic of a product.
    """

    pointers: Int[Tensor, " ends"]
    columns: Int[Tensor, " n"]
    values: Float64[Tensor, " n"]
    width: int

    @classmethod
    def of(
        cls,
        rows: Int64[Tensor, " n"],
        columns: Int64[Tensor, " n"],
        values: Float64[Tensor, " n"],
        shape: tuple[int, int],
    ) -> "Observed":
        """Entries in any order; each cell occurs once at most."""
        order = torch.argsort(rows, stable=True)
        counts = torch.bincount(rows, minlength=shape[0])
        pointers = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        kind = torch.int32 if len(values) < 2**31 and max(shape) < 2**31 else torch.int64
        return cls(pointers.to(kind), columns[order].to(kind), values[order], shape[1])

    def __len__(self) -> int:
        return len(self.values)

    @property
    def counts(self) -> Int[Tensor, " rows"]:
        """How many entries each row has."""
        return self.pointers.diff()

    def to(self, device: torch.device) -> "Observed":
        """The same on another device."""
        return Observed(
            self.pointers.to(device), self.columns.to(device), self.values.to(device), self.width
        )

    def matrices(self, values: Float64[Tensor, " n"], rows: int) -> Iterator[tuple[slice, Tensor]]:
        """Sparse matrices of at most so many rows each, with ``values`` in the observed cells."""
        height = len(self.pointers) - 1
        for start in range(0, height, rows):
            part = slice(start, min(start + rows, height))
            ends = self.pointers[part.start : part.stop + 1]
            entries = slice(int(ends[0]), int(ends[-1]))
            yield part, _sparse(ends - ends[0], self.columns[entries], values[entries], self.width)


def _sparse(pointers: Tensor, columns: Tensor, values: Tensor, width: int) -> Tensor:
    with warnings.catch_warnings():  # "CSR tensor support is in beta state"
        warnings.simplefilter("ignore")
        return torch.sparse_csr_tensor(
            pointers, columns, values, (len(pointers) - 1, width), check_invariants=False
        )
