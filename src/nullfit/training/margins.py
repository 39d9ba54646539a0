"""Margins of samples: by how much the logit of the label exceeds the others."""

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

QUANTILE = 0.1  # Jiang et al. 2020, arXiv 1912.02178, appendix C: the 10th percentile


def margins(
    logits: Float[Tensor, "*m n classes"], labels: Int64[Tensor, "*m n"]
) -> Float[Tensor, "*m n"]:
    """The logit of each sample's label less the largest of the others: negative if it is wrong."""
    own = logits.gather(-1, labels[..., None])
    others = logits.scatter(-1, labels[..., None], -torch.inf)
    return (own - others.amax(-1, keepdim=True)).squeeze(-1)


def margin(of: Float[np.ndarray, " n"]) -> float:
    """The 10 % quantile: the margin that nine samples in ten exceed."""
    return float(np.quantile(of, QUANTILE))
