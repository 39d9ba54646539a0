"""A data set with known truth: how the target depends on the inputs, and these on each other.

Of the features of every data set (five, unless the situation says otherwise) the first and second
are tested. The second is never active, so its tests give the type-I error; the first is, but in
``none``, and its tests give the power. Where no input is active all of them can be tested together,
for the family-wise error. All inputs are standard normal, and so is the noise, unless the situation
says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64
from numpy import ndarray

from nullfit.tasks.permutation.problem import Feature, PermutationProblem

INPUTS = 5
TESTED = (0, 1)

Inputs = Float64[ndarray, "n d"]
Signal = Callable[[Inputs], Float64[ndarray, " n"]]
Dependence = Callable[[Inputs], Inputs]


@dataclass(frozen=True)
class Situation:
    """What the target is without noise, and how inputs come to depend on each other.

    ``active`` and ``nonlinear`` say of the tested inputs whether they act at all, and whether
    otherwise than linearly and apart from the others. ``category`` makes the second a category: an
    input of 0 and 1 for each of its values. With ``classes`` the target is one of two classes, and
    the signal the log-odds of the second. ``beyond`` marks inputs that depend on each other in a
    way that no test claims to allow for; they do not count in verdicts. ``straight`` says that
    nothing can be curved, in a target of classes or a tested input of two values.
    """

    name: str
    about: str
    signal: Signal
    active: tuple[bool, bool] = (True, False)
    nonlinear: tuple[bool, bool] = (False, False)
    dependence: Dependence | None = None
    noise: float = 1.0
    category: bool = False
    classes: bool = False
    beyond: bool = False
    straight: bool = False
    inputs: int = INPUTS

    def draw(self, samples: int, seed: int) -> PermutationProblem:
        """One data set; numbers are standardized, as `data=table` has them."""
        random = np.random.default_rng(seed)
        normal = random.standard_normal((samples, self.inputs))
        inputs = normal if self.dependence is None else self.dependence(normal)
        target = self._target(inputs, random)
        columns = [_standardized(inputs[:, j, None]) for j in range(self.inputs)]
        if self.category:
            columns[1] = (inputs[:, 1, None] == np.unique(inputs[:, 1])).astype(float)
        ends = np.cumsum([column.shape[1] for column in columns])
        flat = np.column_stack(columns).astype(np.float32)
        return PermutationProblem(
            inputs=torch.from_numpy(flat).view(samples, 1, 1, -1),
            targets=torch.from_numpy(target),
            features=tuple(
                Feature(f"x{j + 1}", torch.arange(end - column.shape[1], end))
                for j, (column, end) in enumerate(zip(columns, ends, strict=True))
            ),
            kind="classification" if self.classes else "regression",
        )

    def _target(self, inputs: Inputs, random: np.random.Generator) -> ndarray:
        signal = self.signal(inputs)
        if self.classes:
            return (random.random(len(signal)) < 1 / (1 + np.exp(-signal))).astype(np.int64)
        noisy = signal + self.noise * random.standard_normal(len(signal))
        return _standardized(noisy).astype(np.float32)


def _standardized(values: ndarray) -> ndarray:
    spread = values.std(0)
    centred: ndarray = (values - values.mean(0)) / np.where(spread > 0, spread, 1.0)
    return centred
