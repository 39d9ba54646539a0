"""Dropout with random numbers of each network's own.

Inside `torch.func.vmap` one generator draws for all networks, so that what a network drew would
depend on its company. Here masks are drawn beforehand, from one generator for each network, and go
into the stack as buffers.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

import torch
from torch import Generator, Tensor, nn
from torch.func import functional_call

from nullfit.errors import UserError
from nullfit.fused.stack import Stack

_Dropout: TypeAlias = nn.Dropout | nn.Dropout2d
_KINDS = (nn.Dropout, nn.Dropout2d)


class _Masked(nn.Module):
    """Multiplies by a mask that was drawn before; in evaluation mode it does nothing."""

    mask: Tensor

    def __init__(self, layer: _Dropout) -> None:
        super().__init__()
        self.inplace = layer.inplace
        self.register_buffer("mask", torch.ones(()), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """The inputs, some of them zero and the others larger."""
        if not self.training:
            return inputs
        return inputs.mul_(self.mask) if self.inplace else inputs * self.mask


@dataclass(frozen=True)
class _Layer:
    """A dropout layer: what it drops of a batch, and how that lies in memory."""

    name: str
    probability: float
    shape: torch.Size
    strides: tuple[int, ...]

    def mask(self, generator: Generator, dtype: torch.dtype) -> Tensor:
        """A mask as torch makes it, which fills it in the order of memory."""
        mask = torch.empty_strided(self.shape, self.strides, dtype=dtype)
        if self.probability == 1:
            return mask.zero_()  # nothing is drawn
        return mask.bernoulli_(1 - self.probability, generator=generator).div_(1 - self.probability)


class Masks:
    """The masks of the dropout layers of a stack, whose template it changes for that.

    They are those that each network would draw alone. A mask is filled in the order in which the
    layer's input lies in memory: that follows from the ``layout`` that the network alone has, from
    the size of the batch, and from whether noise is added to the weights.
    """

    def __init__(
        self,
        stack: Stack,
        input_shape: tuple[int, ...],
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        self.stack = stack
        self.input_shape = input_shape
        self._layers: dict[tuple[int, bool], list[_Layer]] = {}
        self._alone: nn.Module | None = None
        if drops(stack.template):
            self._alone = copy.deepcopy(stack.template).train()
            self._alone.to(memory_format=layout)  # type: ignore[call-overload]
        for name, module in list(stack.template.named_modules()):
            if _drops(module):
                stack.template.set_submodule(name, _Masked(module))
                stack.buffers[f"{name}.mask"] = torch.ones(len(stack))

    def draw(
        self,
        generators: Sequence[Generator],
        samples: int,
        noisy: Sequence[bool] | None = None,
    ) -> None:
        """Draw the masks for a batch of so many samples, each network's from its generator.

        ``noisy`` are the networks with noise on their weights; none by default.

        Raises:
            UserError: a layer is used more than once in a pass, and would need as many masks.
        """
        weight = next(iter(self.stack.weights.values()))
        each = [self._used(samples, own) for own in noisy or [False] * len(generators)]
        for layers in zip(*each, strict=True):
            masks = [
                layer.mask(generator, weight.dtype)
                for layer, generator in zip(layers, generators, strict=True)
            ]
            self.stack.buffers[f"{layers[0].name}.mask"] = torch.stack(masks).to(weight.device)

    def __bool__(self) -> bool:
        return self._alone is not None

    def _used(self, samples: int, noisy: bool) -> list[_Layer]:
        """The layers that drop something of a batch, in order of use."""
        if self._alone is None:
            return []
        if (samples, noisy) not in self._layers:
            weight = next(self._alone.parameters())
            images = torch.zeros(
                samples, *self.input_shape, dtype=weight.dtype, device=weight.device
            )
            self._layers[samples, noisy] = _used(self._alone, images, noisy)
        return self._layers[samples, noisy]


def drops(network: nn.Module) -> bool:
    """Whether a network has dropout layers that drop something."""
    return any(_drops(module) for module in network.modules())


def _drops(module: nn.Module) -> TypeGuard[_Dropout]:
    # Its type itself: heirs may drop in other ways.
    return isinstance(module, nn.Dropout | nn.Dropout2d) and type(module) in _KINDS and module.p > 0


def _laid_out(layer: _Dropout, given: Tensor) -> tuple[torch.Size, tuple[int, ...]]:
    """Shape and strides of the mask that torch draws for an input."""
    if type(layer) is nn.Dropout2d:  # a number for each channel
        mask = given.new_empty(*given.shape[:2], *(1 for _ in given.shape[2:]))
    else:
        mask = torch.empty_like(given)
    return mask.shape, mask.stride()


def _used(network: nn.Module, images: Tensor, noisy: bool) -> list[_Layer]:
    """The layers that drop something of these images, by a pass of the network alone."""
    found: dict[str, _Layer] = {}

    def note(name: str, layer: _Dropout, given: Tensor) -> None:
        if name in found:
            raise UserError(
                f"the dropout layer {name} is used more than once in a pass, and networks that are "
                "trained together need a layer for each use"
            )
        found[name] = _Layer(name, layer.p, *_laid_out(layer, given))

    hooks = [
        module.register_forward_pre_hook(lambda layer, given, name=name: note(name, layer, *given))
        for name, module in network.named_modules()
        if _drops(module)
    ]
    weights: dict[str, Tensor] = dict(network.named_parameters())
    if noisy:  # a sum may lie otherwise in memory than the weights
        weights = {
            name: weight + torch.zeros(weight.shape).to(weight) for name, weight in weights.items()
        }
    try:
        with torch.random.fork_rng(devices=[images.device] if images.is_cuda else []):
            functional_call(network, weights, (images,))
    finally:
        for hook in hooks:
            hook.remove()
    return list(found.values())
