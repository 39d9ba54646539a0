"""A linear problem with more features than samples, and its solution of least norm."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.errors import UserError


@dataclass(frozen=True)
class LinearProblem:
    """Weights W with XW = Y are sought, for n samples X of rank n in d > n dimensions.

    ``spectrum`` are the singular values of X, the largest first, and ``basis`` the orthonormal
    directions of its row space.
    """

    features: Float64[Tensor, "n d"]
    targets: Float64[Tensor, "n c"]
    minimum_norm: Float64[Tensor, "d c"]
    spectrum: Float64[Tensor, " n"]
    basis: Float64[Tensor, "n d"]

    @classmethod
    def of(
        cls, features: Float64[Tensor, "n d"], targets: Float64[Tensor, "n c"]
    ) -> "LinearProblem":
        """Solve it in closed form, W = Xᵀ(XXᵀ)⁻¹Y, by the singular value decomposition.

        Raises:
            UserError: the samples' features are linearly dependent, so that not all labels can be
                fitted.
        """
        samples, dimensions = features.shape
        cls.refuse(samples, dimensions)
        left, spectrum, basis = torch.linalg.svd(features, full_matrices=False)
        smallest = spectrum[0] * max(samples, dimensions) * torch.finfo(torch.float64).eps
        rank = int((spectrum > smallest).sum())
        if rank < samples:
            raise _not_overparameterized(samples, f"have features of rank {rank:,}", rank)
        weights = basis.T @ ((left.T @ targets) / spectrum[:, None])
        return cls(features, targets, weights, spectrum, basis)

    @staticmethod
    def refuse(samples: int, dimensions: int) -> None:
        """Refuse a problem that has no more features than samples.

        Raises:
            UserError: it has not.
        """
        if samples >= dimensions:
            raise _not_overparameterized(samples, f"have {dimensions:,} features", dimensions)

    def outside(self, weights: Float64[Tensor, "d c"]) -> Float64[Tensor, "d c"]:
        """The part of the weights that no sample sees: what is orthogonal to all of them."""
        return weights - self.basis.T @ (self.basis @ weights)

    def curvature(self, batch_size: int) -> float:
        """A bound on the largest curvature of the squared loss ½‖XW − Y‖² / batch on any batch.

        The Gram matrix of a batch is a part of that of all samples, so its largest eigenvalue is
        no larger; divided by the batch size it is no larger than the largest squared norm either.
        """
        whole = float(self.spectrum[0].square()) / min(batch_size, len(self.features))
        return min(whole, float(self.features.square().sum(1).max()))

    def expected_steps(self, rate: float, batch_size: int, tolerance: float) -> float:
        """Steps after which the squared distance is expected to have shrunk by ``tolerance``².

        With η = ``rate`` / L and the curvature L, a step on a random batch takes at least the share
        η(2 − ηL)σ² / n of the squared distance away in expectation, where σ is the smallest
        singular value and n the number of samples, rounded up to whole batches. (Strohmer &
        Vershynin 2009, "A randomized Kaczmarz algorithm with exponential convergence", argue so for
        single samples.)
        """
        batch = min(batch_size, len(self.features))
        rounded = batch * math.ceil(len(self.features) / batch)
        slowest = float(self.spectrum[-1].square()) / rounded
        share = rate * (2 - rate) / self.curvature(batch_size) * slowest
        return 2 * math.log(1 / tolerance) / -math.log1p(-min(share, 1 - 1e-12))


def _not_overparameterized(samples: int, what: str, rank: int) -> UserError:
    return UserError(
        f"task=implicit_regularization: {samples:,} training samples {what}, so the problem is not "
        f"over-parameterized.\nTake fewer samples, data.train_limit={max(rank // 2, 1)} say, or "
        "more features: implicit_regularization.features=random_conv with more "
        "implicit_regularization.filters."
    )
