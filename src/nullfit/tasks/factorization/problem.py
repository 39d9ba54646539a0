"""A matrix to factorize: what is trained on, after its corruption, and what is tested on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from nullfit.corruptions.step import Step, corrupt_entries
from nullfit.data.rating_matrix import RatingMatrix
from nullfit.tasks.factorization.observed import Observed
from nullfit.tasks.factorization.split import RatingSplit, entries_at


@dataclass(frozen=True)
class FactorizationProblem:
    """Training entries by row and by column, and test entries.

    ``entries_changed`` is the share of training entries that the corruption changed;
    ``baseline_mse`` the test error of the training entries' mean, the same for every cell.
    """

    train: Observed
    train_by_column: Observed
    test: Observed
    entries_changed: float
    baseline_mse: float

    @classmethod
    def of(
        cls, matrix: RatingMatrix, share: float, seed: int, steps: Sequence[Step], noise_seed: int
    ) -> "FactorizationProblem":
        """Split by ``seed``, then corrupt the training entries by ``noise_seed``.

        Raises:
            UserError: no entry is left to train or to test on.
        """
        split = RatingSplit.of(matrix, share, seed)
        values, changed = corrupt_entries(matrix.values[split.train], steps, noise_seed)
        tested = matrix.values[split.test]
        return cls(
            train=entries_at(matrix, split.train, values),
            train_by_column=entries_at(matrix, split.train, values, by_column=True),
            test=entries_at(matrix, split.test, tested),
            entries_changed=float(changed.double().mean()),
            baseline_mse=float((tested - values.mean()).square().mean()),
        )

    def to(self, device: torch.device) -> "FactorizationProblem":
        """The same on another device."""
        return replace(
            self,
            train=self.train.to(device),
            train_by_column=self.train_by_column.to(device),
            test=self.test.to(device),
        )
