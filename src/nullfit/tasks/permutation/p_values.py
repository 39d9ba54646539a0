"""p-values of a permutation test, and what they become when many inputs are tested."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

Statistics = Float64[ndarray, " f"]
NullStatistics = Float64[ndarray, "b f"]


def p_values(statistic: Statistics, null_statistic: NullStatistics) -> Float64[ndarray, " f"]:
    """(1 + #{T_b ≥ T}) / (B + 1) for each feature: never 0 (Phipson and Smyth 2010).

    The observed data set counts as one of its own permutations.
    """
    return _share(null_statistic >= statistic)


def p_holm(statistic: Statistics, null_statistic: NullStatistics) -> Float64[ndarray, " f"]:
    """Adjusted by Holm (1979): holds the probability of any false rejection."""
    raw = p_values(statistic, null_statistic)
    order = np.argsort(raw)
    steps = np.arange(len(raw), 0, -1) * raw[order]
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def p_bh(statistic: Statistics, null_statistic: NullStatistics) -> Float64[ndarray, " f"]:
    """Adjusted by Benjamini and Hochberg (1995): holds the expected share of false rejections."""
    from statsmodels.stats.multitest import fdrcorrection

    return fdrcorrection(p_values(statistic, null_statistic))[1]  # type: ignore[no-any-return]


def p_max_t(statistic: Statistics, null_statistic: NullStatistics) -> Float64[ndarray, " f"]:
    """Step-down max-T of Westfall and Young (1993); Ge, Dudoit and Speed (2003), box 2.

    Unlike Holm's it uses the dependence between features: with few replicates it can reject where
    Holm's cannot. It holds the probability of any false rejection where row b of ``null_statistic``
    are the statistics of one network on one data set in which every feature's hypothesis is true,
    as with permuted targets. Rows put together from a network for each feature, in whose data that
    feature alone was permuted, are no such data sets, even if the permutation is the same: all
    other inputs were as observed, and one that is large by chance keeps the statistics of the
    others small. The largest of the row is then about that input's own, and its p the raw one.
    """
    order = np.argsort(-statistic, kind="stable")
    # From the smallest observed statistic up: the maximum over all that are not larger.
    successive = np.maximum.accumulate(null_statistic[:, order[::-1]], axis=1)[:, ::-1]
    adjusted = np.empty_like(statistic)
    adjusted[order] = np.maximum.accumulate(_share(successive >= statistic[order]))
    return adjusted


Adjustment = Callable[[Statistics, NullStatistics], Float64[ndarray, " f"]]
_EVERYWHERE: dict[str, Adjustment] = {"p_value": p_values, "p_holm": p_holm, "p_bh": p_bh}


def adjustments(null: str) -> dict[str, Adjustment]:
    """The p-values that hold under a null distribution, by name: max-T's only for ``labels``."""
    return {**_EVERYWHERE, "p_max_t": p_max_t} if null == "labels" else dict(_EVERYWHERE)


def _share(reached: ndarray) -> Float64[ndarray, " f"]:
    return (1.0 + reached.sum(axis=0)) / (len(reached) + 1.0)  # type: ignore[no-any-return]
