"""What a layer is: a module that has weights itself, or all modules below one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Layer:
    """Weights that are put back together; ``names`` are theirs in the network's state."""

    name: str
    names: tuple[str, ...]
    parameters: int


def layers_of(network: nn.Module, depth: int | None) -> list[Layer]:
    """The layers in the order in which the network has them, which is mostly from input to output.

    A layer is each module that has weights of its own: a convolution, a linear map, a batch
    normalization with its running moments. With a ``depth`` it is all modules whose paths agree in
    their first so many parts: ``trunk.1`` is all of a residual block. Buffers of modules without
    weights go with the layer before them.
    """
    weights = dict(network.named_parameters(remove_duplicate=False))
    names: dict[str, list[str]] = {}
    waiting: list[str] = []
    for name in network.state_dict():
        layer = _layer_of(name, depth)
        if layer in names or name in weights:
            names.setdefault(layer, []).extend([*waiting, name])
            waiting = []
        elif names:
            next(reversed(names.values())).append(name)
        else:
            waiting.append(name)
    return [
        Layer(layer, tuple(of), sum(weights[name].numel() for name in of if name in weights))
        for layer, of in names.items()
    ]


def _layer_of(name: str, depth: int | None) -> str:
    """The layer of a weight; one that the network has itself is a layer of its own."""
    module = name.rpartition(".")[0] or name
    return ".".join(module.split(".")[:depth])


def put_back(
    final: Mapping[str, Tensor], earlier: Mapping[str, Tensor], layer: Layer
) -> dict[str, Tensor]:
    """The final state of a network with one layer as it was earlier."""
    return {**final, **{name: earlier[name] for name in layer.names}}
