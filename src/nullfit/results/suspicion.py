"""Which end of a score is suspicious: of every score that samples.csv may have."""

from typing import Literal

import numpy as np
from jaxtyping import Float64, Shaped

# Of probe=dynamics, probe=loss_mixture, task=memorization and task=prediction_depth, as their pages
# define them. Scores that are not here, such as a standard error, say nothing of a label.
SUSPICIOUS: dict[str, Literal["large", "small"]] = {
    "forgetting": "large",
    "first_learnt": "large",
    "aum": "small",
    "confidence": "small",
    "variability": "large",
    "correctness": "small",
    "el2n": "large",
    "loss": "large",
    "posterior": "large",
    "cleanlab_quality": "small",
    "memorization": "large",
    "c_score": "small",
    "held_out_probability": "small",
    "depth": "large",
}
_NEVER = {"first_learnt": 0}  # what stands for an event that did not come


def suspicion(score: str, values: Shaped[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """The rank of each sample by a score, from 1; the largest is the most suspicious.

    Equal values have the mean of their ranks. A sample that was never learnt is the most
    suspicious one; one without a value (NaN) has no rank.
    """
    turned = values.astype(np.float64)
    if score in _NEVER:
        turned[turned == _NEVER[score]] = np.inf
    known = ~np.isnan(turned)
    signed = turned[known] if SUSPICIOUS[score] == "large" else -turned[known]
    _, inverse, counts = np.unique(signed, return_inverse=True, return_counts=True)
    ranks = np.full(len(turned), np.nan)
    ranks[known] = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks
