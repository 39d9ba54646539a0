"""Gradients of single samples, by layer: their sum, and how long each is.

A linear layer z = W a + b has the gradient δ aᵀ for one sample, δ = ∂L/∂z, so that
‖∂L/∂W‖² = ‖δ‖² ‖a‖² and ‖∂L/∂b‖² = ‖δ‖²: no gradient of a sample is made for it (Goodfellow 2015,
arXiv 1510.01799). What other layers have is made for a few samples at a time by `torch.func`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from nullfit.losses import Loss

_MOST_VALUES = 2**24  # of gradients of single samples at a time: 64 MiB of float32


@dataclass(frozen=True)
class Layer:
    """A module with trained weights of its own; ``weights`` are their names in the network."""

    name: str
    weights: tuple[str, ...]
    parameters: int


def layers_of(network: nn.Module) -> list[Layer]:
    """Those of a network in its own order; a weight that the network has itself is a layer."""
    found: dict[str, list[str]] = {}
    trained = {name: w for name, w in network.named_parameters() if w.requires_grad}
    for name in trained:
        found.setdefault(name.rpartition(".")[0] or name, []).append(name)
    return [
        Layer(layer, tuple(names), sum(trained[name].numel() for name in names))
        for layer, names in found.items()
    ]


@dataclass(frozen=True)
class BatchGradients:
    """Of n samples: the sum of their gradients by weight, and ‖g‖² of each by layer."""

    sums: dict[str, Tensor]
    squares: Float64[Tensor, "n layers"]


def batch_gradients(
    network: nn.Module,
    layers: list[Layer],
    images: Float[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    loss: Loss,
) -> BatchGradients:
    """The gradients of the loss of each sample, by a network that treats each sample alone.

    That is one in evaluation mode: in training mode batch normalization would mix them.
    """
    weights = dict(network.named_parameters())
    wanted = {name: weights[name] for layer in layers for name in layer.weights}
    with _hearing(network) as heard:
        total = loss(network(images), labels, "none").sum()
    linear = {
        layer.name: calls[0]
        for layer in layers
        if len(calls := heard.get(layer.name, [])) == 1 and calls[0].is_closed(len(images))
    }
    outputs = [call.outputs for call in linear.values()]
    found = torch.autograd.grad(
        total, [*wanted.values(), *outputs], allow_unused=True, materialize_grads=True
    )
    sums = dict(zip(wanted, found, strict=False))
    deltas = dict(zip(linear, found[len(wanted) :], strict=True))
    rest = {n: wanted[n] for layer in layers if layer.name not in linear for n in layer.weights}
    squares = _squares_of_each(network, rest, images, labels, loss)
    columns = [
        linear[layer.name].squares(deltas[layer.name])
        if layer.name in linear
        else torch.stack([squares[name] for name in layer.weights]).sum(0)
        for layer in layers
    ]
    return BatchGradients(sums, torch.stack(columns, 1))


@dataclass(frozen=True)
class _Call:
    """A use of a linear layer; ``outputs`` are those before anything is done in their place."""

    layer: nn.Linear
    inputs: Tensor
    outputs: Tensor

    def is_closed(self, samples: int) -> bool:
        """Whether each row is one sample."""
        return self.inputs.ndim == 2 and len(self.inputs) == samples

    def squares(self, delta: Float[Tensor, "n outputs"]) -> Float64[Tensor, " n"]:
        """‖g‖² of each sample, by ∂L/∂z."""
        own = torch.zeros(len(delta), dtype=torch.float64, device=delta.device)
        if self.layer.weight.requires_grad:
            own += _square_norms(self.inputs.detach())
        if self.layer.bias is not None and self.layer.bias.requires_grad:
            own += 1
        return _square_norms(delta) * own


def _square_norms(rows: Float[Tensor, "n _"]) -> Float64[Tensor, " n"]:
    return rows.double().square().sum(1)


@contextmanager
def _hearing(network: nn.Module) -> Iterator[dict[str, list[_Call]]]:
    """Within it each use of a linear layer is noted by the layer's name."""
    heard: dict[str, list[_Call]] = {}

    def hears(name: str) -> Callable[[nn.Linear, tuple[Tensor, ...], Tensor], Tensor]:
        def after(layer: nn.Linear, given: tuple[Tensor, ...], outputs: Tensor) -> Tensor:
            heard.setdefault(name, []).append(_Call(layer, given[0], outputs))
            return outputs.clone()  # which may be overwritten by what follows

        return after

    uses = Counter(id(weight) for _, weight in network.named_parameters(remove_duplicate=False))
    hooks = [
        module.register_forward_hook(hears(name))
        for name, module in network.named_modules()
        # Gradients of a weight that other modules have as well add up.
        if type(module) is nn.Linear and all(uses[id(w)] == 1 for w in module.parameters())
    ]
    try:
        yield heard
    finally:
        for hook in hooks:
            hook.remove()


def _squares_of_each(
    network: nn.Module,
    weights: Mapping[str, Tensor],
    images: Float[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    loss: Loss,
) -> dict[str, Float64[Tensor, " n"]]:
    """‖g‖² of each sample for each of some weights."""
    if not weights:
        return {}

    def of_one(own: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        logits = functional_call(network, {**fixed, **own}, (image[None],))
        one: Tensor = loss(logits, label[None], "none")[0]
        return one

    fixed = {name: _contiguous(weight) for name, weight in network.named_parameters()}
    own_weights = {name: fixed[name] for name in weights}
    rows = max(1, _MOST_VALUES // sum(weight.numel() for weight in weights.values()))
    parts: dict[str, list[Tensor]] = {name: [] for name in weights}
    for some, own_labels in zip(_contiguous(images).split(rows), labels.split(rows), strict=True):
        found = vmap(grad(of_one), in_dims=(None, 0, 0))(own_weights, some, own_labels)
        for name, gradients in found.items():
            parts[name].append(_square_norms(gradients.reshape(len(some), -1)))
    return {name: torch.cat(squares) for name, squares in parts.items()}


def _contiguous(values: Tensor) -> Tensor:
    """A copy: vmap has no way for all layers in channels_last, as which one channel may count."""
    return values.detach().clone(memory_format=torch.contiguous_format)
