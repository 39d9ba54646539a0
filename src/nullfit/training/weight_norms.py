"""How large the weights of a network are, and how far they have come, epoch by epoch."""

import math

import torch
from torch import nn

NAMES = (
    "weights/norm",
    "weights/log_norm",
    "weights/log_norm_product",
    "weights/distance_from_start",
)

_ROUNDING = 1e-7  # of the norm of all weights: what a gradient of zero leaves in float32


class WeightNorms:
    """Measures a network's weights against those that it had when this was made.

    ``weights/norm`` is the Euclidean norm of all trained weights together, which is that of the
    Frobenius norms of its parameter tensors, and ``weights/log_norm`` its natural logarithm;
    ``weights/log_norm_product`` is that of the product of the Frobenius norms, with one factor for
    each parameter tensor; ``weights/distance_from_start`` the Euclidean norm of the difference.
    Tensors of zeros but for rounding, such as biases ahead of batch norm, are no factor.
    """

    def __init__(self, network: nn.Module) -> None:
        self._start = {
            name: weight.detach().clone()
            for name, weight in network.named_parameters()
            if weight.requires_grad
        }

    @torch.no_grad()
    def __call__(self, network: nn.Module) -> dict[str, float]:
        """The norms by their names in metrics.csv."""
        weights = {name: weight.detach() for name, weight in network.named_parameters()}
        now = [weights[name] for name in self._start]
        start = [self._start[name].to(weights[name]) for name in self._start]
        norms = torch.stack(torch._foreach_norm(now)).double()  # one kernel for small tensors
        moved = torch.stack(torch._foreach_norm(torch._foreach_sub(now, start))).double()
        whole = float(norms.norm())
        logarithm = math.log(whole) if whole else -math.inf
        factors = norms[norms > _ROUNDING * whole]
        found = (whole, logarithm, float(factors.log().sum()), float(moved.norm()))
        named = zip(NAMES, found, strict=True)
        return {name: value for name, value in named if math.isfinite(value)}
