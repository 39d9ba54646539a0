"""Margins normalized by spectral complexity."""

import math

import numpy as np
from jaxtyping import Float


def normalized(
    of: Float[np.ndarray, " n"], log_complexity: float, squares: float
) -> Float[np.ndarray, " n"]:
    """Margins over R ‖X‖ / n, with R the spectral complexity and ‖X‖² the sum of the ``squares`` of
    all pixels of the n samples, as the network gets them.

    Source: Bartlett, Foster & Telgarsky 2017 (arXiv 1706.08498), section 1.
    """
    log_unit = log_complexity + 0.5 * math.log(squares) - math.log(len(of))
    return of * math.exp(-log_unit)
