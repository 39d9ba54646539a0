"""The affine maps of a chain as matrices, and as the layers that they are."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import functional_call, vmap
from torch.utils.flop_counter import FlopCounterMode

from nullfit.fused.stack import Stack, Tensors
from nullfit.tasks.permutation.chain import Chain


@dataclass(frozen=True)
class DenseMap:
    """x ↦ x @ matrix + shift of each network: (members, before, after) and (members, 1, after)."""

    matrix: Tensor
    shift: Tensor

    def __call__(self, inputs: Float[Tensor, "... n d"]) -> Float[Tensor, "members n k"]:
        """The images of samples (n, d) that all networks share, or (members, n, d)."""
        inputs = inputs.expand(len(self.matrix), *inputs.shape[-2:])
        return torch.baddbmm(self.shift, inputs, self.matrix)


@torch.no_grad()
def dense_maps(stack: Stack, chain: Chain, input_shape: tuple[int, ...]) -> list[DenseMap]:
    """Each map of the chain as one matrix for each network, from the images of a basis."""
    like = next(iter(stack.weights.values()))
    doubled = Stack(stack.template, _double(stack.weights), _double(stack.buffers))
    shape = input_shape
    maps = []
    for names, width in zip(chain.maps, chain.widths, strict=False):
        # In float64: the shift is taken off again, which would cost digits.
        basis = torch.cat([torch.zeros(1, width), torch.eye(width)]).to(like.device, torch.float64)
        images = through(doubled, names, basis.reshape(width + 1, *shape))
        shape = tuple(images.shape[2:])
        shift = images[:, :1].flatten(2)
        matrix = images[:, 1:].flatten(2) - shift
        maps.append(DenseMap(matrix.to(like.dtype), shift.to(like.dtype)))
    return maps


def through(
    stack: Stack, names: tuple[str, ...], samples: Float[Tensor, "..."]
) -> Float[Tensor, "members n ..."]:
    """Samples that all networks share, sent through some layers, one after the other."""
    layers = dict(stack.template.eval().named_modules())

    def one(weights: Tensors, buffers: Tensors) -> Tensor:
        values = samples
        for name in names:
            own = {
                key.removeprefix(f"{name}."): tensor
                for key, tensor in {**weights, **buffers}.items()
                if key.startswith(f"{name}.")
            }
            values = functional_call(layers[name], own, (values,))
        return values

    images: Tensor = vmap(one)(stack.weights, stack.buffers)
    return images


def layers_are_sparse(stack: Stack, chain: Chain, input_shape: tuple[int, ...]) -> bool:
    """Whether the first map takes less than half the work layer by layer: if it convolves."""
    point = next(iter(stack.weights.values())).new_zeros(1, *input_shape)
    with FlopCounterMode(display=False) as counter:
        through(stack.select([0]), chain.maps[0], point)
    dense = 2 * chain.widths[0] * chain.widths[1]
    return 2 * int(counter.get_total_flops()) < dense


def _double(tensors: Tensors) -> Tensors:
    return {n: t.double() if t.is_floating_point() else t for n, t in tensors.items()}
