"""Train many networks at once on shared batches, each on a subset of the same samples."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from nullfit.errors import UserError

LEFT_OUT = -100  # in place of the label of a sample that a network does not train on


@dataclass(frozen=True)
class SharedBatches:
    """All networks see the same batches of all samples; those left out have no loss.

    A step then has (b, …) inputs, of which a convolution by many networks is one large product.
    The loss of a network is the mean over those of its subset in the batch, whose number varies.
    """

    images: Float[Tensor, "n c h w"]
    targets: Int64[Tensor, "m n"]
    shared: bool = True

    @classmethod
    def of(
        cls,
        images: Float[Tensor, "n c h w"],
        labels: Int64[Tensor, " n"],
        subsets: Int64[Tensor, "m size"],
    ) -> "SharedBatches":
        """Of the same data as `nullfit.fused.own_batches.OwnBatches`."""
        targets = torch.full((len(subsets), len(labels)), LEFT_OUT, device=labels.device)
        return cls(images, targets.scatter_(1, subsets, labels[subsets]))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one image."""
        return tuple(self.images.shape[1:])

    def batch(self, chosen: Int64[Tensor, " b"]) -> Float[Tensor, "b c h w"]:
        """Some images."""
        return self.images.index_select(0, chosen)


def share_batches(batches: str, network: nn.Module, model: str) -> bool:
    """Whether networks share their batches; "auto" goes by the network.

    The first convolution of one batch by many networks is one large product, of many batches it is
    many small ones: five times as slow where there is no other. What follows it gains nothing, nor
    do linear layers, and all compute what they leave out as well (benchmarks/memorization.py).
    Batch norm would see what is left out.

    Raises:
        UserError: shared batches are asked for, and the network has batch norm.
    """
    modules = list(network.modules())
    norms = any(isinstance(part, nn.modules.batchnorm._NormBase) for part in modules)
    if batches == "shared" and norms:
        raise UserError(
            f"memorization.batches=shared is impossible with model={model}: its batch norm would "
            "see the samples that a network leaves out. Use memorization.batches=own."
        )
    if batches != "auto":
        return batches == "shared"
    return not norms and sum(isinstance(part, nn.Conv2d) for part in modules) == 1


def subset_loss(logits: Float[Tensor, "b classes"], targets: Int64[Tensor, " b"]) -> Tensor:
    """Mean cross-entropy over the samples that are not left out; zero where all are."""
    losses = functional.cross_entropy(logits, targets.clamp_min(0), reduction="none")
    kept = targets != LEFT_OUT
    mean: Tensor = (losses * kept).sum() / kept.sum().clamp_min(1)
    return mean
