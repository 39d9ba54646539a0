"""scikit-learn's permutation importance, with a p-value made from its repeats."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64
from numpy import ndarray

from nullfit.fused import Stack
from nullfit.permutation.problem import Problem
from nullfit.permutation.training import Training, train
from nullfit.permutation.training_sets import TrainingSets


def importance_tests(
    problems: Sequence[Problem], stack: Stack, training: Training, repeats: int, seed: int
) -> Float64[ndarray, "problems f"]:
    """P = (1 + #{repeats in which permuting an input does not worsen the error}) / (repeats + 1).

    ``stack`` has a network for each problem, which is trained on the first half of its samples;
    inputs are permuted in the second half (Breiman 2001, as scikit-learn does it). The p-value is
    ours: scikit-learn gives none. It asks whether this one network uses the input, not whether the
    target depends on it.
    """
    from sklearn.inspection import permutation_importance  # noqa: PLC0415

    half = len(problems[0]) // 2
    inputs = torch.stack([problem.inputs for problem in problems])
    targets = torch.stack([problem.targets for problem in problems])
    sets = TrainingSets(inputs[:, :half], targets[:, :half], own=True)
    train(stack, sets, training, "regression", _silent)
    p = []
    for member, problem in enumerate(problems):
        found = permutation_importance(
            _Fitted(stack.network(member)),
            problem.inputs[half:].flatten(1).numpy(),
            problem.targets[half:].numpy(),
            scoring=_negative_error,
            n_repeats=repeats,
            random_state=seed,
        )
        p.append((1 + (found.importances <= 0).sum(1)) / (repeats + 1))
    return np.stack(p)


class _Fitted:
    """A trained network as scikit-learn knows estimators."""

    def __init__(self, network: torch.nn.Module) -> None:
        self.network = network.eval()

    def fit(self, inputs: ndarray, targets: ndarray) -> "_Fitted":
        """It is trained before; scikit-learn asks that the method be there."""
        return self

    def predict(self, inputs: ndarray) -> ndarray:
        """The network's output."""
        with torch.no_grad():
            images = torch.from_numpy(inputs).view(len(inputs), 1, 1, -1)
            output: Any = self.network(images)[:, 0].numpy()
        return output  # type: ignore[no-any-return]


def _negative_error(fitted: _Fitted, inputs: ndarray, targets: ndarray) -> float:
    return -float(np.square(fitted.predict(inputs) - targets).mean())


def _silent(samples: int) -> None:
    """No progress is shown for these few trainings."""
