"""The situations of the calibration. z is a normal number that is correlated 0.8 with x1."""

import numpy as np
from jaxtyping import Float64, Shaped
from numpy import ndarray
from scipy.stats import norm, poisson

from nullfit.tasks.permutation.calibration.situation import Dependence, Inputs, Situation

_CORRELATION, _ALIKE = 0.8, 0.9
_REST = np.sqrt(1 - _CORRELATION**2)


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


def _alike(x: Inputs) -> Inputs:
    correlations = np.full((x.shape[1], x.shape[1]), _ALIKE)
    np.fill_diagonal(correlations, 1.0)
    return x @ np.linalg.cholesky(correlations).T


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
    Situation(
        "none_correlated",
        "no input is active, each two are correlated 0.9",
        _none,
        active=(False, False),
        dependence=_alike,
    ),
    Situation("none_of_eight", "eight inputs, none active", _none, active=(False, False), inputs=8),
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
