"""Networks that are a plain chain of affine maps and ReLUs."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from nullfit.models.input_shape import evaluating

_AFFINE = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Flatten,
    nn.Unflatten,
    nn.AvgPool1d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.Dropout,
    nn.Dropout2d,
    nn.Identity,
)
# How many times the layers' own multiplications the dense matrices may need: products of large
# matrices are that much faster than convolutions and their backward passes. For cnn_15x15, which
# needs 3.5 times as many, the closed form is six times faster (benchmarks/input_gradients.py).
_WORTHWHILE = 8
_MOST_BYTES = 2**28  # of one network's largest matrix


@dataclass(frozen=True)
class Chain:
    """Affine maps, each a run of layers by name, with a ReLU between one and the next."""

    maps: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]  # values before the first map and after each


def chain_of(network: nn.Module, input_shape: tuple[int, ...]) -> Chain | None:
    """The chain that a network is in evaluation mode, or None if it is none.

    Found by watching its layers at work: each layer must take exactly what the one before it gave.
    What is computed outside of layers (a sum of branches, a functional ReLU) breaks the chain.
    """
    layers = _watched(network, input_shape)
    if layers is None or _ties_weights(network):
        return None
    maps: list[list[str]] = [[]]
    widths = [torch.Size(input_shape).numel()]
    width = widths[0]
    for name, layer, outputs in layers:
        if type(layer) is nn.ReLU:
            maps.append([])
            widths.append(width)
        elif type(layer) in _AFFINE:
            maps[-1].append(name)
        else:
            return None
        width = outputs
    return Chain(tuple(tuple(names) for names in maps), (*widths, width))


def worthwhile(chain: Chain, network: nn.Module, input_shape: tuple[int, ...]) -> bool:
    """Whether the maps as dense matrices are small and quick enough, by a measured rule."""
    sizes = [before * after for before, after in pairwise(chain.widths)]
    with FlopCounterMode(display=False) as counter, evaluating(network):
        network(_zero_sample(network, input_shape))
    return 4 * max(sizes) <= _MOST_BYTES and 2 * sum(sizes) <= (
        _WORTHWHILE * counter.get_total_flops()
    )


def _zero_sample(network: nn.Module, input_shape: tuple[int, ...]) -> Tensor:
    return next(network.parameters()).detach().new_zeros(1, *input_shape)


def _ties_weights(network: nn.Module) -> bool:
    uses = list(network.named_parameters(remove_duplicate=False))
    return len(uses) != len(list(network.parameters()))


def _watched(
    network: nn.Module, input_shape: tuple[int, ...]
) -> list[tuple[str, nn.Module, int]] | None:
    """The layers in the order of their work with the size of what they gave; None for no chain."""
    found: list[tuple[str, nn.Module, int]] = []
    point = _zero_sample(network, input_shape)
    expected: list[Any] = [point, point._version]
    intact = True

    def watch(name: str) -> None:
        layer = layers[name]

        def before(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            nonlocal intact
            intact &= len(inputs) == 1 and inputs[0] is expected[0]
            intact &= inputs[0]._version == expected[1]

        def after(_: nn.Module, __: tuple[Tensor, ...], output: Tensor) -> None:
            expected[:] = [output, output._version]
            found.append((name, layer, output.numel()))

        handles.extend(
            [layer.register_forward_pre_hook(before), layer.register_forward_hook(after)]
        )

    layers = {name: m for name, m in network.named_modules() if not list(m.children())}
    handles: list[torch.utils.hooks.RemovableHandle] = []
    try:
        for name in layers:
            watch(name)
        with evaluating(network):
            output = network(point)
    finally:
        for handle in handles:
            handle.remove()
    names = [name for name, *_ in found]
    intact &= output is expected[0] and output._version == expected[1]
    return found if intact and len(set(names)) == len(names) else None
