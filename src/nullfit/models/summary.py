"""What a network consists of, layer by layer: ``task=summary``."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nullfit.models.input_shape import evaluating

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerSummary:
    """One layer.

    ``name`` is its path in the network, "" for the network itself. ``output_shape`` has no batch
    dimension and is None for a layer whose weights another layer uses in its place. ``parameters``
    and ``flops`` are the layer's own, so both add up to the network's totals.
    """

    name: str
    type: str
    output_shape: Shape | None
    parameters: int
    flops: int


def summarize(network: nn.Module, input_shape: tuple[int, int, int]) -> list[LayerSummary]:
    """Layers of ``network`` in the order of their definition, measured on one zero image.

    Listed is what runs and has no parts, and every other module that owns parameters or computes.
    FLOPs are those of the forward pass for one image in evaluation mode. Convolutions and matrix
    products count, a multiply-add as two FLOPs; normalization, pooling and activations are not
    counted.
    """
    shapes, flops = _run(network, input_shape)
    counted: set[int] = set()
    layers = []
    for name, module in network.named_modules():
        own = [p for p in module.parameters(recurse=False) if p.requires_grad]
        parameters = sum(p.numel() for p in own if id(p) not in counted)
        counted.update(map(id, own))
        path = f"{type(network).__name__}.{name}" if name else type(network).__name__
        inside = sum(flops.get(f"{path}.{child}", 0) for child, _ in module.named_children())
        computed = flops.get(path, 0) - inside
        is_leaf = next(module.children(), None) is None
        if own or computed or (is_leaf and name in shapes):
            kind = type(module).__name__
            layers.append(LayerSummary(name, kind, shapes.get(name), parameters, computed))
    return layers


@contextmanager
def _unfused() -> Iterator[None]:
    """Attention in plain matrix products: fused kernels escape the counter."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def _run(
    network: nn.Module, input_shape: tuple[int, int, int]
) -> tuple[dict[str, Shape], dict[str, int]]:
    """Output shape of each module, and FLOPs of each module with all its parts."""
    shapes: dict[str, Shape] = {}

    def record(name: str, output: Any) -> None:
        first = output[0] if isinstance(output, tuple) else output
        if isinstance(first, Tensor):
            shapes[name] = tuple(first.shape[1:])

    hooks = [
        module.register_forward_hook(lambda _m, _i, output, name=name: record(name, output))
        for name, module in network.named_modules()
    ]
    weight = next(network.parameters(), torch.zeros(0))
    image = weight.new_zeros(1, *input_shape)
    try:
        with evaluating(network), _unfused(), FlopCounterMode(display=False) as counter:
            network(image)
    finally:
        for hook in hooks:
            hook.remove()
    flops = {path: sum(counts.values()) for path, counts in counter.get_flop_counts().items()}
    return shapes, flops
