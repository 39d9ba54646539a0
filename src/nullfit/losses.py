"""The losses of ``conf/loss/``: what a training minimizes.

A loss is called with logits of n samples and their labels, and gives its mean, or with
``reduction="none"`` the loss of each sample.
"""

from collections.abc import Callable
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Lt
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

Reduction = Literal["mean", "none"]


# From logits (n × classes), labels (n) and a reduction to the mean loss, or that of each sample.
Loss = Callable[..., Tensor]


def cross_entropy(
    logits: Float[Tensor, "n classes"],
    labels: Int64[Tensor, " n"],
    reduction: Reduction = "mean",
    *,
    label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.0,
) -> Float[Tensor, "..."]:
    """−ln of the label's probability, in nats.

    With ``label_smoothing`` ε against (1 − ε) of the label and ε/classes of every class (Szegedy et
    al. 2016, "Rethinking the Inception Architecture for Computer Vision", section 7).
    """
    return functional.cross_entropy(
        logits, labels, reduction=reduction, label_smoothing=label_smoothing
    )


def mse(
    logits: Float[Tensor, "n classes"],
    labels: Int64[Tensor, " n"],
    reduction: Reduction = "mean",
) -> Float[Tensor, "..."]:
    """Squared distance to the one-hot label, divided by the number of classes.

    As Belkin et al. 2019 (arXiv 1812.11118) train networks; on classification it is held against
    cross-entropy by Hui and Belkin 2021 (arXiv 2006.07322).
    """
    classes = torch.arange(logits.shape[-1], device=logits.device)
    one_hot = (labels[..., None] == classes).to(logits.dtype)  # torch.func cannot map one_hot
    losses = (logits - one_hot).square().mean(-1)
    return losses.mean() if reduction == "mean" else losses
