"""What the other inputs tell of a feature, through smooth curves of each of them."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.tasks.permutation.residuals import ColumnFit, least_squares_fit

# Powers of an input, and the quantiles at which its curve bends: the most that the samples allow.
_CURVES: tuple[tuple[tuple[int, ...], tuple[float, ...]], ...] = (
    ((2, 3), (1 / 3, 2 / 3)),
    ((2, 3), (1 / 2,)),
    ((2, 3), ()),
    ((2,), ()),
    ((), ()),
)
_SAMPLES_A_COLUMN = 4
_FEWEST_VALUES = 8  # an input of fewer different values gets no curve
_DETERMINED = 1e-9  # share of a feature's variance below which nothing is left of it


def spline_fit(
    inputs: Float32[Tensor, "n d"],
    features: Sequence[Int64[Tensor, " _p"]],
    *,
    shown: bool = False,
) -> list[ColumnFit | None]:
    """The least-squares fit of each feature's columns on cubic splines of all other inputs.

    The splines are added up (truncated power basis; Hastie, Tibshirani and Friedman, The Elements
    of Statistical Learning, sections 5.2 and 9.1): a feature may depend on each other input along
    a curve, but not on products of them. A curve bends at its terciles, at its median, or is a
    polynomial, so that at least four samples come to each column; where even squares are too many
    it is `least_squares_fit`, which ``shown`` is for. None for a feature that the others determine.
    """
    added, owners = curves(inputs)
    if not len(owners):
        return least_squares_fit(inputs, features, shown=shown)
    owned = [
        torch.cat([f, inputs.shape[1] + torch.isin(owners, f).nonzero().flatten()])
        for f in features
    ]
    fits = least_squares_fit(torch.cat([inputs, added], dim=1), owned, shown=shown)
    return [_checked(inputs[:, f], fit) for f, fit in zip(features, fits, strict=True)]


def _checked(columns: Float32[Tensor, "n p"], fit: ColumnFit | None) -> ColumnFit | None:
    """The feature's own columns of the fit, without those of its curve."""
    if fit is None:
        return None
    own = fit.columns[:, : columns.shape[1]]
    left = (columns - own).double().square().sum()
    there = (columns - columns.mean(0)).double().square().sum()
    return None if left <= _DETERMINED * there else ColumnFit(own, fit.terms)


def curves(inputs: Float32[Tensor, "n d"]) -> tuple[Float32[Tensor, "n c"], Int64[Tensor, " c"]]:
    """What makes curves of the inputs, standardized, and the input that each column belongs to."""
    samples, width = inputs.shape
    bent = [j for j in range(width) if len(inputs[:, j].unique()) >= _FEWEST_VALUES]
    room = max(samples // _SAMPLES_A_COLUMN - 1 - width, 0)
    powers, quantiles = next(c for c in _CURVES if (len(c[0]) + len(c[1])) * len(bent) <= room)
    columns, owners = [inputs.new_empty(samples, 0)], []
    for j in bent if powers else []:
        values = inputs[:, j].double().numpy()
        bends = [np.maximum(values - q, 0) ** 3 for q in np.quantile(values, quantiles)]
        terms = np.column_stack([*(values**power for power in powers), *bends])
        terms = terms[:, terms.std(0) > 0]
        columns.append(torch.from_numpy((terms / terms.std(0)).astype(np.float32)))
        owners += [j] * terms.shape[1]
    return torch.cat(columns, dim=1), torch.tensor(owners, dtype=torch.int64)
