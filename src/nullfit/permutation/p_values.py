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
    return _adjusted(p_values(statistic, null_statistic), "holm")


def p_bh(statistic: Statistics, null_statistic: NullStatistics) -> Float64[ndarray, " f"]:
    """Adjusted by Benjamini and Hochberg (1995): holds the expected share of false rejections."""
    return _adjusted(p_values(statistic, null_statistic), "fdr_bh")


def p_max_t(statistic: Statistics, null_statistic: NullStatistics) -> Float64[ndarray, " f"]:
    """Step-down max-T of Westfall and Young (1993); Ge, Dudoit and Speed (2003), box 2.

    Holds the probability of any false rejection, and unlike Holm's it uses the dependence between
    features: with few replicates it can reject where Holm's cannot. Row b of ``null_statistic``
    must come from one permutation for all features.
    """
    order = np.argsort(-statistic, kind="stable")
    # From the smallest observed statistic up: the maximum over all that are not larger.
    successive = np.maximum.accumulate(null_statistic[:, order[::-1]], axis=1)[:, ::-1]
    adjusted = np.empty_like(statistic)
    adjusted[order] = np.maximum.accumulate(_share(successive >= statistic[order]))
    return adjusted


ADJUSTMENTS: dict[str, Callable[[Statistics, NullStatistics], Float64[ndarray, " f"]]] = {
    "p_value": p_values,
    "p_holm": p_holm,
    "p_bh": p_bh,
    "p_max_t": p_max_t,
}


def _share(reached: ndarray) -> Float64[ndarray, " f"]:
    return (1.0 + reached.sum(axis=0)) / (len(reached) + 1.0)  # type: ignore[no-any-return]


def _adjusted(raw: Float64[ndarray, " f"], method: str) -> Float64[ndarray, " f"]:
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415

    return multipletests(raw, method=method)[1]  # type: ignore[no-any-return]
