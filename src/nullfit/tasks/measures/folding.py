"""A trained network without batch norm that computes the same.

In evaluation mode batch norm is a fixed linear map of each channel. Measures of the weights count
that map, so it is folded into the convolution or linear layer that comes directly before it, as
Jiang et al. 2020 (arXiv 1912.02178) and Dziugaite et al. 2020 (arXiv 2010.11924) do.
"""

import copy
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

_ROUNDING = 1e-9  # in double precision, of the largest logit


@dataclass(frozen=True)
class Call:
    """A layer that was called in a forward pass, by its dotted name."""

    name: str
    layer: nn.Module
    given: Tensor
    returned: Tensor


@torch.no_grad()
def calls_of(network: nn.Module, images: Float[Tensor, "n c h w"]) -> list[Call]:
    """Each call of a layer that has no layers in it, in the order of a forward pass."""
    calls: list[Call] = []

    def watch(name: str, layer: nn.Module) -> torch.utils.hooks.RemovableHandle:
        def called(_: nn.Module, given: tuple[Tensor, ...], returned: Tensor) -> None:
            if given and isinstance(given[0], Tensor) and isinstance(returned, Tensor):
                calls.append(Call(name, layer, given[0], returned))

        return layer.register_forward_hook(called)

    leaves = [(n, layer) for n, layer in network.named_modules() if not [*layer.children()]]
    hooks = [watch(name, layer) for name, layer in leaves]
    try:
        network(images)
    finally:
        for hook in hooks:
            hook.remove()
    return calls


@torch.no_grad()
def folded(network: nn.Module, images: Float[Tensor, "n c h w"]) -> nn.Module:
    """A copy in evaluation mode in which no batch norm is left that can be folded.

    One that does not directly follow a convolution or linear layer, as in a residual network that
    normalizes first, becomes a 1×1 convolution of each channel by itself. ``images`` are a few to
    run the network on: the copy answers them as the network does.
    """
    double = copy.deepcopy(network).double().eval()
    images = images.double()
    expected = double(images)
    for fuse in (True, False):
        made = _without_batch_norm(copy.deepcopy(double), images, fuse=fuse)
        if (made(images) - expected).abs().max() <= _ROUNDING * expected.abs().max():
            weight = next(network.parameters())
            return made.to(weight.dtype)
    return double.to(next(network.parameters()).dtype)  # what is left of batch norm will be told


def _without_batch_norm(
    network: nn.Module, images: Float[Tensor, "n c h w"], *, fuse: bool
) -> nn.Module:
    calls = calls_of(network, images)
    for call in calls:
        norm = call.layer
        if (
            not isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
            or norm.running_mean is None
            or _count(calls, norm) > 1
        ):
            continue
        before = _only_source(calls, call) if fuse else None
        if before is not None and isinstance(before.layer, nn.Conv2d | nn.Linear):
            network.set_submodule(before.name, _fused(before.layer, norm))
            network.set_submodule(call.name, nn.Identity())
        elif isinstance(norm, nn.BatchNorm2d):
            network.set_submodule(call.name, _as_convolution(norm))
    return network.eval()


def _count(calls: list[Call], layer: nn.Module) -> int:
    return sum(call.layer is layer for call in calls)


def _only_source(calls: list[Call], of: Call) -> Call | None:
    """The one whose output is what a call was given, and no other call."""
    found = [call for call in calls if call.returned is of.given]
    uses = sum(call.given is of.given for call in calls)
    if len(found) != 1 or uses != 1 or _count(calls, found[0].layer) != 1:
        return None
    return found[0]


def _fused(layer: nn.Conv2d | nn.Linear, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> nn.Module:
    if isinstance(layer, nn.Linear):
        return fuse_linear_bn_eval(layer, norm)
    return fuse_conv_bn_eval(layer, norm)


def _as_convolution(norm: nn.BatchNorm2d) -> nn.Conv2d:
    """The same map as a convolution whose kernel is one number for each channel."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    ones = torch.ones_like(norm.running_var)
    scale = (ones if norm.weight is None else norm.weight) / (norm.running_var + norm.eps).sqrt()
    shift = (0 * ones if norm.bias is None else norm.bias) - norm.running_mean * scale
    made = nn.Conv2d(len(ones), len(ones), 1, groups=len(ones)).to(scale)
    made.weight.copy_(scale[:, None, None, None])
    assert made.bias is not None
    made.bias.copy_(shift)
    return made
