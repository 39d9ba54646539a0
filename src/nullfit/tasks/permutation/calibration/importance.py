"""scikit-learn's permutation importance, with a p-value made from its repeats."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64
from numpy import ndarray
from torch import nn

from nullfit.fused import Stack
from nullfit.fused.stack_training import Hyperparameters, train
from nullfit.tasks.permutation.loss import loss_of
from nullfit.tasks.permutation.problem import PermutationProblem
from nullfit.tasks.permutation.training_sets import TrainingSets


def importance_tests(
    problems: Sequence[PermutationProblem],
    networks: Sequence[nn.Module],
    training: Hyperparameters,
    repeats: int,
    seed: int,
) -> Float64[ndarray, "problems f"]:
    """P = (1 + #{repeats in which permuting a feature does not worsen the loss}) / (repeats + 1).

    Each problem's network is trained on the first half of its samples; features are permuted in
    the second half (Breiman 2001, as scikit-learn does it). The p-value is ours: scikit-learn gives
    none. It asks whether this one network uses the feature, not whether the target depends on it.
    """
    from sklearn.inspection import permutation_importance

    half = len(problems[0]) // 2
    inputs = torch.stack([problem.inputs for problem in problems])
    targets = torch.stack([problem.targets for problem in problems])
    sets = TrainingSets(inputs[:, :half], targets[:, :half], own=True)
    stack = Stack.of(networks)
    train(stack, sets, training, loss_of(problems[0].kind))
    p = []
    for member, problem in enumerate(problems):
        rows = np.arange(half, len(problem))
        found = permutation_importance(
            _Fitted(stack.network(member), problem),
            np.tile(rows[:, None], (1, len(problem.features))),
            rows,
            scoring=_negative_loss,
            n_repeats=repeats,
            random_state=seed,
        )
        p.append((1 + (found.importances <= 0).sum(1)) / (repeats + 1))
    return np.stack(p)


class _Fitted:
    """A trained network as scikit-learn knows estimators.

    A feature may be several inputs, which scikit-learn would permute one by one. So its table has
    a column for each feature, with the row of the problem that the feature is taken from.
    """

    def __init__(self, network: nn.Module, problem: PermutationProblem) -> None:
        self.network = network.eval()
        self.problem = problem

    def fit(self, rows: ndarray, own: ndarray) -> "_Fitted":
        """It is trained before; scikit-learn asks that the method be there."""
        return self

    def loss(self, rows: ndarray, own: ndarray) -> float:
        """The loss against the targets of the samples ``own``."""
        flat = self.problem.inputs.flatten(1)
        inputs = torch.empty(len(rows), flat.shape[1])
        for column, feature in zip(rows.T, self.problem.features, strict=True):
            inputs[:, feature.positions] = flat[torch.from_numpy(column)][:, feature.positions]
        with torch.no_grad():
            outputs: Any = self.network(inputs.view(len(rows), *self.problem.input_shape))
        return float(loss_of(self.problem.kind)(outputs, self.problem.targets[own]))


def _negative_loss(fitted: _Fitted, rows: ndarray, own: ndarray) -> float:
    return -fitted.loss(rows, own)
