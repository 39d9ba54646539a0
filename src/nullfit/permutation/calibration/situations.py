"""Data sets with known truth: how the target depends on five inputs, and these on each other.

Of the five features of every data set the first and the second are tested. The second is never
active, so its tests give the type-I error; the first is, but in ``none``, and its tests give the
power. All inputs are standard normal, and so is the noise, unless the situation says otherwise; z
is a normal number that is correlated 0.8 with x1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64, Shaped
from numpy import ndarray
from scipy.stats import norm, poisson

from nullfit.permutation.problem import Feature, Problem

INPUTS = 5
TESTED = (0, 1)
_CORRELATION = 0.8
_REST = np.sqrt(1 - _CORRELATION**2)

Inputs = Float64[ndarray, "n 5"]
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

    def draw(self, samples: int, seed: int) -> Problem:
        """One data set; numbers are standardized, as `data=table` has them."""
        random = np.random.default_rng(seed)
        normal = random.standard_normal((samples, INPUTS))
        inputs = normal if self.dependence is None else self.dependence(normal)
        target = self._target(inputs, random)
        columns = [_standardized(inputs[:, j, None]) for j in range(INPUTS)]
        if self.category:
            columns[1] = (inputs[:, 1, None] == np.unique(inputs[:, 1])).astype(float)
        ends = np.cumsum([column.shape[1] for column in columns])
        flat = np.column_stack(columns).astype(np.float32)
        return Problem(
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


def _correlated(x: Inputs) -> Inputs:
    return _with_second(x, _latent(x))


def _curved(x: Inputs) -> Inputs:
    return _with_second(x, _CORRELATION * (x[:, 0] ** 2 - 1) / np.sqrt(2) + _REST * x[:, 1])


def _product(x: Inputs) -> Inputs:
    return _with_second(x, _CORRELATION * x[:, 0] * x[:, 2] + _REST * x[:, 1])


def _latent(x: Inputs) -> Float64[ndarray, " n"]:
    """The z of the descriptions."""
    number: Float64[ndarray, " n"] = _CORRELATION * x[:, 0] + _REST * x[:, 1]
    return number


def _coin(x: Inputs) -> Inputs:
    return _with_second(x, x[:, 1] > 0)


def _binary(x: Inputs) -> Inputs:
    return _with_second(x, _latent(x) > 0)


def _rare(x: Inputs) -> Inputs:
    return _with_second(x, _latent(x) > 1.3)


def _levels(x: Inputs) -> Inputs:
    return _with_second(x, np.digitize(_latent(x), [-0.7, 0.0, 0.7]))


def _counts(x: Inputs) -> Inputs:
    # The Poisson quantile of a uniform number, which follows from the normal one.
    return _with_second(x, poisson.ppf(norm.cdf(x[:, 1]), np.exp(0.7 + 0.5 * x[:, 0])))


def _zeros(x: Inputs) -> Inputs:
    return _with_second(x, np.maximum(_latent(x), 0))


def _skewed(x: Inputs) -> Inputs:
    return _with_second(x, np.exp(_latent(x)))


def _spread(x: Inputs) -> Inputs:
    return _with_second(x, x[:, 1] * np.exp(0.7 * x[:, 0]))


def _both_binary(x: Inputs) -> Inputs:
    return np.column_stack([np.sign(x[:, 0]), _latent(x) > 0, x[:, 2:]])


def _with_second(x: Inputs, second: Shaped[ndarray, " n"]) -> Inputs:
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


def _clear(x: Inputs) -> Float64[ndarray, " n"]:
    values: Float64[ndarray, " n"] = 1.4 * x[:, 0] + x[:, 2] ** 2
    return values


def _half(x: Inputs) -> Float64[ndarray, " n"]:
    return 0.5 * x[:, 0]


def _odds(x: Inputs) -> Float64[ndarray, " n"]:
    values: Float64[ndarray, " n"] = 1.2 * x[:, 0] + 1.5 * x[:, 2]
    return values


def _strong(x: Inputs) -> Float64[ndarray, " n"]:
    return x[:, 0]


def _of_a_table(
    name: str, second: str, dependence: Dependence, straight: bool = False, category: bool = False
) -> Situation:
    """A clear rule beside an inactive input that is no normal number."""
    return Situation(
        name,
        f"1.4 x1 + x3² with noise of 0.5; {second}",
        _clear,
        dependence=dependence,
        noise=0.5,
        category=category,
        straight=straight,
    )


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
    Situation(
        "spread",
        "0.7 x1 x3, and x2 is noise times exp(0.7 x1)",
        _interaction,
        nonlinear=_NONLINEAR,
        dependence=_spread,
        beyond=True,
    ),
    _of_a_table("coin", "x2 is 0 or 1 and depends on nothing", _coin, straight=True),
    _of_a_table("binary", "x2 is 1 where z > 0, else 0", _binary, straight=True),
    _of_a_table("rare", "x2 is 1 where z > 1.3, else 0", _rare, straight=True),
    _of_a_table("category", "x2 is one of four levels of z", _levels, straight=True, category=True),
    _of_a_table("counts", "x2 is Poisson with mean exp(0.7 + 0.5 x1)", _counts),
    _of_a_table("zeros", "x2 is z where z > 0, else 0", _zeros),
    _of_a_table("skewed", "x2 is exp z", _skewed),
    Situation(
        "both_binary",
        "0.5 x1; x1 is 1 or −1, x2 is 1 where z > 0, else 0",
        _half,
        dependence=_both_binary,
        straight=True,
    ),
    Situation(
        "classes",
        "two classes with log-odds 1.2 x1 + 1.5 x3; x2 is z",
        _odds,
        dependence=_correlated,
        classes=True,
        straight=True,
    ),
    Situation(
        "classes_binary",
        "two classes with log-odds 1.2 x1 + 1.5 x3; x2 is 1 where z > 0, else 0",
        _odds,
        dependence=_binary,
        classes=True,
        straight=True,
    ),
)
SITUATIONS = {situation.name: situation for situation in _ALL}
