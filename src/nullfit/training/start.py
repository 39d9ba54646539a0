"""Weights of another run to begin with, and weights that are not trained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nullfit.errors import UserError, nearest, override

_NAMED = 3  # in a message


@dataclass(frozen=True)
class Misfit:
    """How weights of another run differ from those of a network, by their names."""

    absent: list[str]  # from the other run
    unknown: list[str]  # to the network
    reshaped: list[str]

    @classmethod
    def of(cls, own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> "Misfit":
        """Of ``given`` weights from those of a network."""
        return cls(
            [name for name in own if name not in given],
            [name for name in given if name not in own],
            [
                f"{name} ({_size(given[name])}, here {_size(own[name])})"
                for name in own
                if name in given and own[name].shape != given[name].shape
            ],
        )

    def __str__(self) -> str:
        parts = {
            "it has no": self.absent,
            "there is no place here for": self.unknown,
            "of another shape:": self.reshaped,
        }
        return "; ".join(f"{what} {_some(names)}" for what, names in parts.items() if names)


def _size(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one value"


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def named_by(layers: Iterable[str], name: str) -> bool:
    """Whether a weight or module is one of those layers, or lies in one: ``hidden.1`` in hidden."""
    return any(name == layer or name.startswith(f"{layer}.") for layer in layers)


def begin_with(
    network: nn.Module,
    weights: Mapping[str, Tensor],
    layers: Sequence[str] | None,
    where: str,
    key: str = "start.layers",
) -> None:
    """Put weights of another run, or of some of its layers, into a network; buffers are weights.

    ``where`` says in messages where they are from, ``key`` which setting names the layers.

    Raises:
        UserError: a layer has no weights here, or those of the other run do not fit.
    """
    own = network.state_dict()
    if layers is not None:
        require_layers(key, layers, own)
        own = {name: value for name, value in own.items() if named_by(layers, name)}
        weights = {name: value for name, value in weights.items() if named_by(layers, name)}
    misfit = str(Misfit.of(own, weights))
    if misfit:
        raise UserError(
            f"the weights of {where} do not fit this network: {misfit}." + _advice(network, weights)
        )
    with torch.no_grad():
        for name, value in own.items():
            value.copy_(weights[name])


def _advice(network: nn.Module, weights: Mapping[str, Tensor]) -> str:
    """The layers that fit as a setting, if any does."""
    fitting = [
        name
        for name, child in network.named_children()
        if (own := {f"{name}.{key}": value for key, value in child.state_dict().items()})
        and own.keys() == {key for key in weights if named_by([name], key)}
        and all(weights[key].shape == own[key].shape for key in own)
    ]
    if not fitting:
        return "\nGive a run of the same model on images of the same size."
    return f"\nTake those that fit: {override('start.layers', fitting)}"


def freeze(network: nn.Module, layers: Sequence[str]) -> None:
    """Let the weights of some layers stay as they are while the others are trained.

    Their modules stay in evaluation mode: batch normalization uses its running moments and leaves
    them alone, dropout drops nothing.

    Raises:
        UserError: a layer has no weights, or no other layer has.
    """
    weights = dict(network.named_parameters())
    require_layers("freeze", layers, weights)
    chosen = [name for name in weights if named_by(layers, name)]
    if len(chosen) == len(weights):
        raise UserError(
            f"{override('freeze', list(layers))} freezes all weights: leave some to be trained."
        )
    for name in chosen:
        weights[name].requires_grad_(False)
    for name, module in network.named_modules():
        if named_by(layers, name):
            module.register_forward_pre_hook(_stay_in_evaluation)


def _stay_in_evaluation(module: nn.Module, inputs: object) -> None:
    module.training = False  # at each step: whoever evaluates a network puts it back to training


def frozen_count(network: nn.Module) -> int:
    """Number of values that are not trained."""
    return sum(p.numel() for p in network.parameters() if not p.requires_grad)


def require_layers(key: str, layers: Iterable[str], names: Iterable[str]) -> None:
    """See that each of the layers has weights, of which there are those of ``names``.

    Raises:
        UserError: one has none.
    """
    known = list(names)
    beginnings = [
        ".".join(parts[:end])
        for parts in (name.split(".") for name in known)
        for end in range(1, len(parts) + 1)
    ]
    for layer in layers:
        if not any(named_by([layer], name) for name in known):
            raise UserError(f"{key}: no weights begin with {layer}.{_nearest(layer, beginnings)}")


def _nearest(layer: str, beginnings: Sequence[str]) -> str:
    within = layer.rpartition(".")[0]
    beside = [name for name in dict.fromkeys(beginnings) if name.rpartition(".")[0] == within]
    if within and beside:
        return f" Allowed: {_some(beside)}."
    guess = nearest(layer, beginnings)
    if guess.startswith(" Did"):
        return guess
    first = dict.fromkeys(name.partition(".")[0] for name in beginnings)
    return f" Allowed: {', '.join(first)}, or the name of a part of them."
