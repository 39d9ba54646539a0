"""What a CSV file is once it is read."""

from dataclasses import dataclass

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.data.sources.table_columns import Column
from nullfit.data.sources.table_file import TableFile


@dataclass(frozen=True)
class Table:
    """A CSV file as a network sees it.

    ``inputs`` are the encoded columns side by side, in the order of the file. ``targets`` are
    standardized numbers, or positions in ``classes``, which is empty for numbers; ``reason`` says
    why they are the one or the other. ``held_out`` lists the rows of the test split. ``file`` tells
    how the file was read.
    """

    inputs: Float32[Tensor, "n d"]
    targets: Float32[Tensor, " n"] | Int64[Tensor, " n"]
    columns: tuple[Column, ...]
    classes: tuple[str, ...]
    held_out: Int64[Tensor, " h"]
    source: str
    reason: str
    file: TableFile
