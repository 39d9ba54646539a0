"""The optimizers of ``conf/optimizer/``: torch's own.

Weight decay is a regularizer here (``regularizer=weight_decay``), so that it means the same
whichever optimizer is chosen; the program hands its coefficient in.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

import torch
from annotated_types import Len
from torch import nn

from nullfit.ranges import Decay, Positive


def sgd(
    weights: Iterable[nn.Parameter],
    weight_decay: float,
    *,
    lr: Positive,
    momentum: Decay,
    nesterov: bool,
) -> torch.optim.Optimizer:
    """Stochastic gradient descent, as Zhang et al. 2017 trained everything (appendix A)."""
    weights = list(weights)
    return torch.optim.SGD(
        weights,
        lr=lr,
        momentum=momentum,
        nesterov=nesterov,
        weight_decay=weight_decay,
        fused=_fused(weights),
    )


def adam(
    weights: Iterable[nn.Parameter],
    weight_decay: float,
    *,
    lr: Positive,
    betas: Annotated[list[Decay], Len(2, 2)],
) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015), weight decay as an ℓ2 penalty in the gradient."""
    weights = list(weights)
    return torch.optim.Adam(
        weights,
        lr=lr,
        betas=(betas[0], betas[1]),
        weight_decay=weight_decay,
        fused=_fused(weights),
    )


def adamw(
    weights: Iterable[nn.Parameter],
    weight_decay: float,
    *,
    lr: Positive,
    betas: Annotated[list[Decay], Len(2, 2)],
) -> torch.optim.Optimizer:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""
    weights = list(weights)
    return torch.optim.AdamW(
        weights,
        lr=lr,
        betas=(betas[0], betas[1]),
        weight_decay=weight_decay,
        fused=_fused(weights),
    )


def _fused(weights: Sequence[nn.Parameter]) -> bool | None:
    """One kernel for all of an update, where torch has it; None leaves the choice to torch.

    A step of Adam takes a third of the time, on a CPU as well. The kernel for CPUs takes it for
    granted that a gradient is laid out in memory as its weight; autograd sees to that.
    """
    kinds = {weight.device.type for weight in weights}
    return True if kinds in ({"cpu"}, {"cuda"}) else None
