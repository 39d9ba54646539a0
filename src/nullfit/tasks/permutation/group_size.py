"""How many networks are trained at once."""

import os

import torch
from torch import nn

from nullfit.models.input_shape import evaluating
from nullfit.tasks.permutation.members import Member

_SHARE_OF_MEMORY = 0.125
# More at once are not faster, and a checkpoint is taken after each group: with inputs of each
# network's own, and with inputs that all share.
_MOST, _MOST_SHARING = 64, 32
_VALUES = 3_000_000  # of all activations of a step: small networks are quicker in larger groups


def group_size(members: list[Member], batch_size: int, max_group: int | None) -> int:
    """The most networks that fit into an eighth of the machine's memory, at most ``max_group``.

    Counted by physical memory, not by what is free: the same test makes the same groups.
    """
    if max_group is not None:
        return min(max_group, len(members))
    problem, network = members[0].problem, members[0].network
    weights = sum(weight.numel() for weight in network.parameters())
    widest = max(len(feature.positions) for feature in problem.features)
    columns = len(problem) * (widest if members[-1].null.by_feature else 0)
    activations = problem.inputs[0].numel() + 3 * _activations(network, problem.input_shape)
    # Weights, gradients, optimizer state and their temporaries; targets; the moved columns.
    each = 4 * (6 * weights + 2 * columns + batch_size * activations) + 8 * len(problem)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    most = _MOST if members[-1].null.by_feature else _MOST_SHARING
    most = max(most, _VALUES // (batch_size * activations))
    return max(1, min(most, len(members), int(_SHARE_OF_MEMORY * memory / each)))


def _activations(network: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Values that the layers of a network give for one sample."""
    counts: list[int] = []
    layers = [module for module in network.modules() if not list(module.children())]
    handles = [
        layer.register_forward_hook(lambda _, __, output: counts.append(output.numel()))
        for layer in layers
    ]
    try:
        with evaluating(network):
            device = next(network.parameters()).device
            network(torch.zeros(1, *input_shape, device=device))
    finally:
        for handle in handles:
            handle.remove()
    return sum(counts)
