"""What the networks of a test are trained to make small."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from nullfit.fused import Loss
from nullfit.tasks.permutation.problem import ProblemKind


def loss_of(kind: ProblemKind) -> Loss:
    """Mean cross-entropy of classes, mean squared error of numbers."""
    return functional.cross_entropy if kind == "classification" else _squared_error


def _squared_error(
    outputs: Float[Tensor, "n 1"], targets: Float[Tensor, " n"]
) -> Float[Tensor, ""]:
    return functional.mse_loss(outputs[:, 0], targets)
