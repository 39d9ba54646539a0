"""One backward pass through a stack of networks."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap

from nullfit.fused.stack import Stack, Tensors

Loss = Callable[[Tensor, Tensor], Tensor]


def gradients(
    stack: Stack,
    inputs: Float[Tensor, "..."],
    targets: Tensor,
    loss: Loss,
    shared: bool,
) -> tuple[Tensors, Float[Tensor, " members"], Float[Tensor, "members n outputs"]]:
    """Each network's gradient of its own mean loss, its loss, and its outputs.

    ``inputs`` are (n, …) if all networks share them, else (m, n, …); ``targets`` are (m, n, …).
    ``loss`` maps one network's outputs and targets to its mean loss. Networks are in training
    mode; what one computes never touches another, not even where it is not finite.
    """
    # The gradient of the sum of all losses: each network's weights occur in its own loss alone.
    weights = [weight.requires_grad_() for weight in stack.weights.values()]
    try:
        outputs = stack.forward(inputs, shared, training=True)
        losses = vmap(loss)(outputs, targets)
        found = torch.autograd.grad(losses.sum(), weights)
    finally:
        for weight in weights:
            weight.requires_grad_(False)
    return dict(zip(stack.weights, found, strict=True)), losses.detach(), outputs.detach()
