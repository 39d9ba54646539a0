"""What `data=ratings` gives: the observed entries of a matrix."""

from dataclasses import dataclass

from jaxtyping import Float64, Int64
from numpy import ndarray
from torch import Tensor

from nullfit.errors import UserError


@dataclass(frozen=True)
class RatingMatrix:
    """The observed entries of a matrix of ``shape`` (rows, columns), row by row.

    What is not listed was not observed; a value of zero is a rating like any other. ``rank`` and
    ``noise_variance`` are known of generated matrices only. ``source`` says in words where the
    ratings came from, ``reading`` how a file was read. ``row_names`` and ``column_names`` are the
    identifiers of a list.
    """

    shape: tuple[int, int]
    rows: Int64[Tensor, " n"]
    columns: Int64[Tensor, " n"]
    values: Float64[Tensor, " n"]
    source: str
    rank: int | None = None
    noise_variance: float | None = None
    reading: str | None = None
    row_names: ndarray | None = None
    column_names: ndarray | None = None

    def __post_init__(self) -> None:
        """Check that there is something to train and to test on.

        Raises:
            UserError: fewer than two entries are observed, or one is infinite.
        """
        if len(self.values) < 2:
            raise UserError(
                f"{self.source}: {len(self.values)} observed entries in a matrix of "
                f"{self.shape[0]:,} × {self.shape[1]:,}; a training and a test set need two."
            )
        if not bool(self.values.isfinite().all()):
            wrong = int((~self.values.isfinite()).nonzero()[0])
            raise UserError(
                f"{self.source}: the entry in row {int(self.rows[wrong]) + 1}, column "
                f"{int(self.columns[wrong]) + 1} is not finite. Leave unobserved cells empty."
            )

    def __len__(self) -> int:
        return len(self.values)
