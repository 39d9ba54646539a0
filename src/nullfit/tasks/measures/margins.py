"""Margins of training samples, as they are and normalized by spectral complexity."""

import math

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

QUANTILE = 0.1  # Jiang et al. 2020, arXiv 1912.02178, appendix C: the 10th percentile


def margins(logits: Float[Tensor, "n classes"], labels: Int64[Tensor, " n"]) -> Float[Tensor, " n"]:
    """The logit of each sample's label less the largest of the others: negative if it is wrong."""
    own = logits.gather(1, labels[:, None])
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return (own - others.amax(1, keepdim=True)).flatten()


def margin(of: Float[np.ndarray, " n"]) -> float:
    """The 10 % quantile: the margin that nine samples in ten exceed."""
    return float(np.quantile(of, QUANTILE))


def normalized(
    of: Float[np.ndarray, " n"], log_complexity: float, squares: float
) -> Float[np.ndarray, " n"]:
    """Margins over R ‖X‖ / n, with R the spectral complexity and ‖X‖² the sum of the ``squares`` of
    all pixels of the n samples, as the network gets them.

    Source: Bartlett, Foster & Telgarsky 2017 (arXiv 1706.08498), section 1.
    """
    log_unit = log_complexity + 0.5 * math.log(squares) - math.log(len(of))
    return of * math.exp(-log_unit)
