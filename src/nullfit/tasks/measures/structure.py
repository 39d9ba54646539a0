"""What a network is made of: its linear layers, and what it does between them.

Norms, path norm and spectral complexity are defined for networks of linear layers and ReLUs.
Whether a network is one is read off what it does to an image, not off its class.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from nullfit.errors import UserError
from nullfit.tasks.measures.folding import calls_of

# Of autograd's names of operations: linear layers, ReLU, pooling, and what only moves numbers.
_LAYERS = {"ConvolutionBackward0", "AddmmBackward0", "MmBackward0", "TBackward0"}
_ACTIVATIONS = {"ReluBackward0"}
_POOLING = {
    *("MaxPool2DWithIndicesBackward0", "AdaptiveMaxPool2DBackward0"),
    *("AvgPool2DBackward0", "AdaptiveAvgPool2DBackward0", "MeanBackward1"),
}
_SHAPES = {
    *("ViewBackward0", "UnsafeViewBackward0", "ReshapeAliasBackward0", "CloneBackward0"),
    *("SqueezeBackward1", "SqueezeBackward2", "UnsqueezeBackward0", "AliasBackward0"),
    *("PermuteBackward0", "TransposeBackward0", "ConstantPadNdBackward0"),
}
_CHAIN = _LAYERS | _ACTIVATIONS | _POOLING | _SHAPES
_BRANCHES = {"AddBackward0", "CatBackward0"}
_COPIES = {"ExpandBackward0", "RepeatBackward0"}


class UndefinedError(UserError):
    """A measure that such a network has not, and why."""


@dataclass(frozen=True)
class Layer:
    """A convolution or linear layer, and the shape of its input without the batch."""

    name: str
    module: nn.Conv2d | nn.Linear
    input_shape: torch.Size

    @property
    def weight(self) -> Tensor:
        """Its weight, without bias, in double precision."""
        return self.module.weight.detach().double()


@dataclass(frozen=True)
class Structure:
    """The ``layers`` of a network in the order of its forward pass; ``others`` says what else has
    weights. ``operations`` are autograd's names of all that is done to an image; it is a ``chain``
    if each is done to the outcome of the one before it alone.
    """

    layers: list[Layer]
    others: str
    operations: frozenset[str]
    chain: bool
    overlapping: bool

    def require_layers(self) -> list[Layer]:
        """The layers, if all weights are theirs.

        Raises:
            UndefinedError: other parts of the network have weights.
        """
        if self.others:
            raise UndefinedError(self.others)
        return self.layers

    def require_paths(self) -> None:
        """See that the output is a sum over paths of products of weights, where no ReLU stops it.

        Raises:
            UndefinedError: it is not.
        """
        self.require_layers()
        if odd := sorted(self.operations - _CHAIN - _BRANCHES - _COPIES):
            raise UndefinedError(
                "the network does something else than linear maps, ReLU, pooling and sums: "
                + odd[0].partition("Backward")[0]
            )

    def require_chain(self) -> list[Layer]:
        """The layers, if they follow one another with maps between them that stretch nothing.

        Raises:
            UndefinedError: it is not.
        """
        self.require_paths()
        if not self.chain or self.operations & _BRANCHES:
            raise UndefinedError(
                "the network has branches, and the bound is of one chain of layers"
            )
        if self.operations & _COPIES:
            raise UndefinedError("channels of the images are copied, which may stretch distances")
        if self.overlapping:
            raise UndefinedError("windows of max-pooling overlap, which may stretch distances")
        return self.layers


def structure_of(network: nn.Module, images: Float[Tensor, "n c h w"]) -> Structure:
    """The structure of a network in evaluation mode, as it treats some images."""
    calls = [c for c in calls_of(network, images) if isinstance(c.layer, nn.Conv2d | nn.Linear)]
    layers = [Layer(c.name, c.layer, c.given.shape[1:]) for c in calls]  # type: ignore[arg-type]
    operations, chain = _operations(network, images)
    pools = (layer for layer in network.modules() if isinstance(layer, nn.MaxPool2d))
    return Structure(
        layers, _others(network, layers), operations, chain, any(map(_overlaps, pools))
    )


def _others(network: nn.Module, layers: list[Layer]) -> str:
    names = [layer.name for layer in layers]
    if again := next((name for name in names if names.count(name) > 1), None):
        return f"layer {again} is used more than once"
    own = {f"{name}.{kind}" for name in names for kind in ("weight", "bias")}
    free = [n for n, p in network.named_parameters() if p.requires_grad and n not in own]
    return f"{free[0]} is no weight of a convolution or linear layer that is used" if free else ""


def _operations(
    network: nn.Module, images: Float[Tensor, "n c h w"]
) -> tuple[frozenset[str], bool]:
    """The operations between images and logits, and whether they form a chain.

    Weights ask for no gradient meanwhile, so that autograd records what depends on the images.
    """
    asked = [weight for weight in network.parameters() if weight.requires_grad]
    for weight in asked:
        weight.requires_grad_(False)
    try:
        waiting = [network(images.detach().clone().requires_grad_()).grad_fn]
    finally:
        for weight in asked:
            weight.requires_grad_(True)
    found, seen, chain = set[str](), set[object](), True
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            chain &= node is None  # met again: branches end where they began
            continue
        seen.add(node)
        if node.name() == "torch::autograd::AccumulateGrad":  # the images
            continue
        found.add(node.name())
        waiting += [below for below, _ in node.next_functions if below is not None]
    return frozenset(found), chain


def _overlaps(pool: nn.MaxPool2d) -> bool:
    kernel, stride = (
        (size, size) if isinstance(size, int) else tuple(size)
        for size in (pool.kernel_size, pool.stride)
    )
    return any(k > s for k, s in zip(kernel, stride, strict=True))
