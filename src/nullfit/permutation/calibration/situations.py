"""Data sets with known truth: how the target depends on five inputs, and these on each other.

Of the five inputs of every data set the first and the second are tested. The second is never
active, so its tests give the type-I error; the first is, but in ``none``, and its tests give the
power. All inputs are standard normal, and so is the noise.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64
from numpy import ndarray

from nullfit.permutation.problem import Feature, Problem

INPUTS = 5
TESTED = (0, 1)
_CORRELATION = 0.8

Inputs = Float64[ndarray, "n 5"]
Signal = Callable[[Inputs], Float64[ndarray, " n"]]
Dependence = Callable[[Inputs], Inputs]


@dataclass(frozen=True)
class Situation:
    """What the target is without noise, and how inputs come to depend on each other.

    ``active`` and ``nonlinear`` say of the tested inputs whether they act at all, and whether
    otherwise than linearly and apart from the others. ``beyond`` marks inputs that depend on each
    other in a way that no test claims to allow for; they do not count in verdicts.
    """

    name: str
    about: str
    signal: Signal
    active: tuple[bool, bool] = (True, False)
    nonlinear: tuple[bool, bool] = (False, False)
    dependence: Dependence | None = None
    noise: float = 1.0
    beyond: bool = False

    def draw(self, samples: int, seed: int) -> Problem:
        """One data set, inputs and target standardized."""
        random = np.random.default_rng(seed)
        inputs = random.standard_normal((samples, INPUTS))
        if self.dependence is not None:
            inputs = self.dependence(inputs)
        target = self.signal(inputs) + self.noise * random.standard_normal(samples)
        standardized = (inputs - inputs.mean(0)) / inputs.std(0)
        numbers = (target - target.mean()) / target.std()
        return Problem(
            inputs=torch.from_numpy(standardized.astype(np.float32)).view(samples, 1, 1, INPUTS),
            targets=torch.from_numpy(numbers.astype(np.float32)),
            features=tuple(Feature(f"x{j + 1}", torch.tensor([j])) for j in range(INPUTS)),
            kind="regression",
        )


def _correlated(x: Inputs) -> Inputs:
    rest = np.sqrt(1 - _CORRELATION**2)
    return _with_second(x, _CORRELATION * x[:, 0] + rest * x[:, 1])


def _curved(x: Inputs) -> Inputs:
    rest = np.sqrt(1 - _CORRELATION**2)
    return _with_second(x, _CORRELATION * (x[:, 0] ** 2 - 1) / np.sqrt(2) + rest * x[:, 1])


def _product(x: Inputs) -> Inputs:
    rest = np.sqrt(1 - _CORRELATION**2)
    return _with_second(x, _CORRELATION * x[:, 0] * x[:, 2] + rest * x[:, 1])


def _with_second(x: Inputs, second: Float64[ndarray, " n"]) -> Inputs:
    return np.column_stack([x[:, 0], second, x[:, 2:]])


def _none(x: Inputs) -> Float64[ndarray, " n"]:
    return np.zeros(len(x))


def _linear(x: Inputs) -> Float64[ndarray, " n"]:
    return 0.4 * x[:, 0]


def _sine(x: Inputs) -> Float64[ndarray, " n"]:
    values: Float64[ndarray, " n"] = np.sin(2 * x[:, 0])
    return values


def _square(x: Inputs) -> Float64[ndarray, " n"]:
    values: Float64[ndarray, " n"] = 0.4 * x[:, 0] ** 2
    return values


def _absolute(x: Inputs) -> Float64[ndarray, " n"]:
    values: Float64[ndarray, " n"] = 0.7 * np.abs(x[:, 0])
    return values


def _interaction(x: Inputs) -> Float64[ndarray, " n"]:
    values: Float64[ndarray, " n"] = 0.7 * x[:, 0] * x[:, 2]
    return values


def _beside(x: Inputs) -> Float64[ndarray, " n"]:
    values: Float64[ndarray, " n"] = 0.4 * x[:, 0] + 0.7 * x[:, 2] + 0.7 * x[:, 3] ** 2
    return values


def _strong(x: Inputs) -> Float64[ndarray, " n"]:
    return x[:, 0]


_NONLINEAR = (True, False)
_ALL = (
    Situation("none", "no input is active", _none, active=(False, False)),
    Situation("linear", "0.4 x1", _linear),
    Situation("sine", "sin 2 x1", _sine, nonlinear=_NONLINEAR),
    Situation("square", "0.4 x1²", _square, nonlinear=_NONLINEAR),
    Situation("absolute", "0.7 |x1|", _absolute, nonlinear=_NONLINEAR),
    Situation("interaction", "0.7 x1 x3", _interaction, nonlinear=_NONLINEAR),
    Situation("beside", "0.4 x1 beside active 0.7 x3 + 0.7 x4²", _beside),
    Situation("strong", "x1 with noise of 0.3: x1 tells 92% of the variance", _strong, noise=0.3),
    Situation("correlated", "0.4 x1, x2 correlated 0.8 with x1", _linear, dependence=_correlated),
    Situation(
        "correlated_square",
        "0.4 x1², x2 correlated 0.8 with x1",
        _square,
        nonlinear=_NONLINEAR,
        dependence=_correlated,
    ),
    Situation(
        "curved",
        "0.4 x1², and x2 = 0.8 (x1² − 1)/√2 + 0.6 noise",
        _square,
        nonlinear=_NONLINEAR,
        dependence=_curved,
    ),
    Situation(
        "product",
        "0.7 x1 x3, and x2 = 0.8 x1 x3 + 0.6 noise",
        _interaction,
        nonlinear=_NONLINEAR,
        dependence=_product,
        beyond=True,
    ),
)
SITUATIONS = {situation.name: situation for situation in _ALL}
