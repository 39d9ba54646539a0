"""The normal scores of a table's columns."""

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor


def normal_scores(inputs: Float32[Tensor, "n d"]) -> Float32[Tensor, "n d"]:
    """Each value by the normal quantile of its rank, (rank − ½) / n, standardized column by column.

    Equal values share their mean rank, and a constant column becomes 0. Whatever scale a column was
    measured on, its scores are the same: if the columns are monotone functions of jointly normal
    numbers (Liu, Lafferty and Wasserman 2009 call that nonparanormal), the scores are these.
    """
    from scipy.stats import norm, rankdata

    columns = inputs.numpy()
    scores = np.zeros_like(columns)
    for column, own in zip(columns.T, scores.T, strict=True):
        if column.min() < column.max():
            found = norm.ppf((rankdata(column) - 0.5) / len(column))
            own[:] = (found - found.mean()) / found.std()
    return torch.from_numpy(scores)
