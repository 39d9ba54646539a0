"""Whether a factorization tells more of the test entries than a single number does."""

from collections.abc import Mapping
from typing import Any


def worse_than_mean(result: Mapping[str, Any]) -> str | None:
    """A sentence where the test error is above that of predicting the training mean."""
    rank = int(result["factorization"]["rank"])
    error = result["metrics"]["test/mse"]
    mean = result["factorization"]["baseline_mse"]
    if error <= mean:
        return None
    return (
        f"the test error, {error:.4g}, is worse than predicting the training mean for every "
        f"entry, {mean:.4g}. No mean is fitted: take it away from the ratings first"
        f"{', or try a smaller factorization.rank' if rank > 1 else ''}."
    )
