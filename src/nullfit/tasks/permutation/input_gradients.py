"""Derivatives of the predicted class's logit with respect to the input, sample by sample."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import functional_call, grad, vmap

from nullfit.fused import Stack
from nullfit.fused.stack import Tensors
from nullfit.fused.stack_training import Advance, silent
from nullfit.tasks.permutation.chain import chain_of, worthwhile
from nullfit.tasks.permutation.piecewise_linear import PiecewiseLinear
from nullfit.tasks.permutation.statistics import Moments
from nullfit.tasks.permutation.training_sets import TrainingSets

_BACKWARD_BLOCK = 128  # samples of one backward pass
_BACKWARD_SAMPLES = 2048  # samples times networks of one backward pass


def input_gradients(
    stack: Stack, inputs: Float[Tensor, "..."], shared: bool
) -> Float[Tensor, "members n *shape"]:
    """Exact derivatives by one backward pass through all networks and samples.

    ``inputs`` are (n, …) if all networks share them, else (m, n, …). In evaluation mode samples do
    not influence each other, so the gradient of a sum over samples holds each one's own.
    """
    stack.template.eval()

    def chosen_logits(inputs: Tensor, weights: Tensors, buffers: Tensors) -> Tensor:
        logits: Tensor = functional_call(stack.template, (weights, buffers), (inputs,))
        return logits.gather(1, logits.detach().argmax(1, keepdim=True)).sum()

    dimensions = (None if shared else 0, 0, 0)
    each: Tensor = vmap(grad(chosen_logits), in_dims=dimensions)(
        inputs, stack.weights, stack.buffers
    )
    return each


def gradient_moments(stack: Stack, sets: TrainingSets, advance: Advance = silent) -> Moments:
    """Moments over all samples of each network's derivatives at its own inputs.

    In closed form where the network is a chain of affine maps and ReLUs small enough for it, else
    by backward passes. ``advance`` gets the samples of each step times networks.
    """
    network = stack.network(0)
    chain = chain_of(network, sets.input_shape)
    if chain is not None and worthwhile(chain, network, sets.input_shape):
        return closed_form_moments(
            PiecewiseLinear(stack, chain, sets.input_shape), len(stack), sets, advance
        )
    return backward_moments(stack, sets, advance)


def closed_form_moments(
    closed: PiecewiseLinear,
    members: int,
    sets: TrainingSets,
    advance: Advance,
) -> Moments:
    """By dense matrix products, a few networks at a time."""
    blocks = _blocks(sets.samples, closed.block(sets.shared))
    at_once = closed.members_at_once(_length(blocks[0]))
    totals = []
    for start in range(0, members, at_once):
        chosen = slice(start, min(start + at_once, members))
        sums = closed.sums(chosen)
        for block in blocks:
            sums.add(sets.batch(block, chosen), sets.shared)
            advance(_length(block) * (chosen.stop - chosen.start))
        totals.append(sums.totals())
    mean, square = (torch.cat(parts) / sets.samples for parts in zip(*totals, strict=True))
    return Moments(mean, square)


def backward_moments(stack: Stack, sets: TrainingSets, advance: Advance) -> Moments:
    """By backward passes, a few networks at a time."""
    blocks = _blocks(sets.samples, _BACKWARD_BLOCK)
    at_once = max(1, _BACKWARD_SAMPLES // _length(blocks[0]))
    means, squares = [], []
    for start in range(0, len(stack), at_once):
        chosen = slice(start, min(start + at_once, len(stack)))
        some = stack.select(range(chosen.start, chosen.stop))
        first = second = torch.zeros((), dtype=torch.float64, device=sets.targets.device)
        for block in blocks:
            found = input_gradients(some, sets.batch(block, chosen), sets.shared)
            found = found.flatten(2)
            first = first + found.sum(1, dtype=torch.float64)
            second = second + found.square().sum(1, dtype=torch.float64)
            advance(_length(block) * len(some))
        means.append(first / sets.samples)
        squares.append(second / sets.samples)
    return Moments(torch.cat(means), torch.cat(squares))


def _blocks(samples: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, samples)) for start in range(0, samples, size)]


def _length(block: slice) -> int:
    return int(block.stop - block.start)
