"""The lower triangle of a symmetric matrix in block columns: half the memory of the whole."""

from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = 512  # columns; wide enough for a matrix product at full speed


@dataclass(frozen=True)
class BlockColumns:
    """How ``size`` columns are cut into blocks; block j holds the rows from its own first on."""

    size: int
    block: int = BLOCK

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """First column and the one after the last, of each block."""
        for start in range(0, self.size, self.block):
            yield start, min(start + self.block, self.size)

    @property
    def entries(self) -> int:
        """Numbers that all blocks hold together: size²/2 and a little."""
        return sum((self.size - start) * (stop - start) for start, stop in self)
