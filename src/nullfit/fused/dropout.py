"""Dropout with random numbers of each network's own.

Inside `torch.func.vmap` one generator draws for all networks, so that what a network drew would
depend on its company. Here masks are drawn beforehand, from one generator for each network, and go
into the stack as buffers.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn

from nullfit.fused.stack import Stack
from nullfit.models.input_shape import evaluating


class _Masked(nn.Module):
    """Multiplies by a mask that was drawn before; in evaluation mode it does nothing."""

    mask: Tensor

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability
        self.register_buffer("mask", torch.ones(()), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """The inputs, some of them zero and the others larger."""
        return inputs * self.mask if self.training else inputs


class Masks:
    """The masks of the dropout layers of a stack, whose template it changes for that."""

    def __init__(self, stack: Stack, input_shape: tuple[int, ...]) -> None:
        self.stack = stack
        for name, module in list(stack.template.named_modules()):
            if isinstance(module, nn.Dropout) and module.p > 0:
                stack.template.set_submodule(name, _Masked(module.p))
                stack.buffers[f"{name}.mask"] = torch.ones(len(stack))
        self._layers = _shapes(stack.template, input_shape)

    def draw(self, generators: Sequence[Generator], samples: int) -> None:
        """Draw the masks for a batch of so many samples, each network's from its generator."""
        like = next(iter(self.stack.weights.values()))
        for name, (probability, shape) in self._layers.items():
            masks = torch.empty(len(generators), samples, *shape, dtype=like.dtype)
            for mask, generator in zip(masks, generators, strict=True):
                mask.bernoulli_(1 - probability, generator=generator)
            self.stack.buffers[f"{name}.mask"] = masks.div_(1 - probability).to(like.device)

    def __bool__(self) -> bool:
        return bool(self._layers)


def _shapes(
    template: nn.Module, input_shape: tuple[int, ...]
) -> dict[str, tuple[float, tuple[int, ...]]]:
    """Probability and shape (without the batch's) of each masked layer, in order of use."""
    found: dict[str, tuple[float, tuple[int, ...]]] = {}
    hooks = []
    for name, module in template.named_modules():
        if isinstance(module, _Masked):

            def note(layer: nn.Module, given: tuple[Tensor], name: str = name) -> None:
                assert isinstance(layer, _Masked)
                found[name] = (layer.probability, tuple(given[0].shape[1:]))

            hooks.append(module.register_forward_pre_hook(note))
    if hooks:
        with evaluating(template):
            weight = next(template.parameters())
            template(torch.zeros(1, *input_shape, dtype=weight.dtype, device=weight.device))
    for hook in hooks:
        hook.remove()
    return found
