"""Which observed entries are trained on, and which are tested on."""

from dataclasses import dataclass

import torch

from nullfit.data.rating_matrix import RatingMatrix
from nullfit.errors import UserError
from nullfit.seeds import generator
from nullfit.tasks.factorization.observed import Observed


@dataclass(frozen=True)
class RatingSplit:
    """Positions of the training and of the test entries among the observed ones, ascending."""

    train: torch.Tensor
    test: torch.Tensor

    @classmethod
    def of(cls, matrix: RatingMatrix, share: float, seed: int) -> "RatingSplit":
        """A random ``share`` of the observed entries to train on, the rest to test on.

        With the same seed, a larger share holds all of a smaller one.

        Raises:
            UserError: one of the two would be empty.
        """
        size = cls.size(matrix, share)
        order = torch.randperm(len(matrix), generator=generator(seed, "train_share"))
        return cls(order[:size].sort().values, order[size:].sort().values)

    @staticmethod
    def size(matrix: RatingMatrix, share: float) -> int:
        """How many entries are trained on.

        Raises:
            UserError: none, or all of them.
        """
        size = round(share * len(matrix))
        if not 0 < size < len(matrix):
            raise UserError(
                f"factorization.train_share={share} of {len(matrix)} observed entries leaves no "
                f"entry to {'test' if size else 'train'} on. Choose a share further inside (0, 1)."
            )
        return size


def entries_at(
    matrix: RatingMatrix, where: torch.Tensor, values: torch.Tensor, *, by_column: bool = False
) -> Observed:
    """The entries at these positions with other ``values``; ``by_column``: of the transpose."""
    rows, columns = matrix.rows[where], matrix.columns[where]
    if by_column:
        return Observed.of(columns, rows, values, (matrix.shape[1], matrix.shape[0]))
    return Observed.of(rows, columns, values, matrix.shape)
