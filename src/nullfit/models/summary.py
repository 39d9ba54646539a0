"""What a network consists of, layer by layer: ``task=summary``."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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
        is_leaf = next(module.children(), None) is None
        if own or flops[name] or (is_leaf and name in shapes):
            kind = type(module).__name__
            layers.append(LayerSummary(name, kind, shapes.get(name), parameters, flops[name]))
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
) -> tuple[dict[str, Shape], Counter[str]]:
    """Output shape and own FLOPs of each module that is called."""
    weight = next(network.parameters(), torch.zeros(0))
    image = weight.new_zeros(1, *input_shape)
    with evaluating(network), _unfused(), FlopCounterMode(display=False) as counter:
        calls = _Calls(counter.get_total_flops)
        with calls.watched(network):
            network(image)
    return calls.shapes, calls.flops


class _Calls:
    """What each module of a network gives and computes while the network runs.

    FLOPs are credited to the innermost module that is running. Names do not tell which one that
    is: a list of modules is never called itself, and one module can stand in two places.
    """

    def __init__(self, total: Callable[[], int]) -> None:
        self.shapes: dict[str, Shape] = {}
        self.flops: Counter[str] = Counter()
        self._total = total
        self._seen = 0
        self._running: list[str] = []

    @contextmanager
    def watched(self, network: nn.Module) -> Iterator[None]:
        """Hooks on all modules of a network, within the block."""
        hooks = []
        for name, module in network.named_modules():
            hooks.append(module.register_forward_pre_hook(partial(self._enter, name)))
            hooks.append(module.register_forward_hook(partial(self._leave, name)))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _enter(self, name: str, _module: nn.Module, _inputs: Any) -> None:
        self._credit()
        self._running.append(name)

    def _leave(self, name: str, _module: nn.Module, _inputs: Any, output: Any) -> None:
        self._credit()
        self._running.pop()
        first = output[0] if isinstance(output, tuple) else output
        if isinstance(first, Tensor):
            self.shapes[name] = tuple(first.shape[1:])

    def _credit(self) -> None:
        """What was computed since the last call or return."""
        total = self._total()
        if self._running:
            self.flops[self._running[-1]] += total - self._seen
        self._seen = total
