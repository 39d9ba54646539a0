"""Permutations of a feature's values that keep what the other inputs tell of it."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray
from torch import Generator, Tensor

from nullfit.tasks.permutation.residuals import ColumnFit

# Each sweep pairs all samples at random; Berrett et al. find 50 to be enough.
_SWEEPS = 50


@dataclass(frozen=True)
class Conditioned:
    """The values of a feature given the other inputs, distributed as q(x) ∝ h(x) exp(x·θ).

    How the values are distributed altogether (h) need not be known. ``tilts`` are the natural
    parameters θ, one for each sample and value; ``explained`` is the adjusted R² of the fit that
    they come from.
    """

    values: Float64[ndarray, "n p"]
    tilts: Float64[ndarray, "n p"]
    explained: float

    @classmethod
    def of(cls, columns: Float32[Tensor, "n p"], fit: ColumnFit) -> "Conditioned":
        """With the fit m and the covariance S of its residuals, θ = S⁻¹ m.

        For jointly normal inputs this is the exact conditional distribution, for categories linear
        discriminant analysis (Hastie, Tibshirani and Friedman, The Elements of Statistical
        Learning, section 4.3). A fit of k terms to n samples finds R² ≈ k/n where there is nothing.
        So m is drawn towards its mean by the ratio of the adjusted R² to R², and what hangs on
        nothing is permuted freely.
        """
        values, fitted = (_centred(each) for each in (columns, fit.columns))
        left = float(np.square(values - fitted).sum() / np.square(values).sum())
        freedom = max(len(values) - 1 - fit.terms, 1)
        explained = max(1 - left * (len(values) - 1) / freedom, 0.0)
        shrunk = fitted * (explained / (1 - left) if explained > 0 else 0.0)
        rest = values - shrunk
        precision = np.linalg.pinv(rest.T @ rest / len(values), hermitian=True)
        return cls(values, shrunk @ precision, explained)

    def permutation(self, begun: Int64[Tensor, " n"], draws: Generator) -> Int64[Tensor, " n"]:
        """A permutation of the values, drawn from its distribution given the other inputs.

        Each of all permutations has a probability proportional to the product over samples of
        exp(x·θ). Beginning with one that is distributed so, pairs of samples swap their values with
        the odds that this gives (Berrett, Wang, Barber and Samworth 2020, The conditional
        permutation test for independence while controlling for confounders, algorithm 1). Under the
        null hypothesis the observed order is one, and so is each permutation begun with one.
        """
        values, tilts, samples = self.values, self.tilts, len(self.values)
        pairs = samples // 2
        order = begun.numpy().copy()
        # A swap with the odds exp(gain): if gain is above a logistic random number.
        thresholds = torch.rand(_SWEEPS, pairs, generator=draws, dtype=torch.float64).logit()
        for threshold in thresholds.numpy():
            shuffled = torch.randperm(samples, generator=draws).numpy()
            first, second = shuffled[:pairs], shuffled[pairs : 2 * pairs]
            kept, other = order[first], order[second]
            gain = ((values[other] - values[kept]) * (tilts[first] - tilts[second])).sum(1)
            swapped = gain > threshold
            order[first] = np.where(swapped, other, kept)
            order[second] = np.where(swapped, kept, other)
        return torch.from_numpy(order)


def _centred(columns: Float32[Tensor, "n p"]) -> Float64[ndarray, "n p"]:
    values: Float64[ndarray, "n p"] = columns.double().numpy()
    centred: Float64[ndarray, "n p"] = values - values.mean(0)
    return centred
