"""Deterministic stratified subsets: each class keeps its share of the samples."""

import torch
from jaxtyping import Int64
from torch import Tensor

from nullfit.errors import UserError
from nullfit.seeds import generator


def stratified_indices(
    labels: Int64[Tensor, " n"], size: int, seed: int, key: str = "size"
) -> Int64[Tensor, " size"]:
    """Indices of ``size`` samples, ascending, with the class proportions of ``labels``.

    Shares are rounded by largest remainder, and every class keeps at least one sample where
    ``size`` allows it. Within a class a smaller share is a subset of a larger one of the same seed.
    ``key`` names the setting that holds ``size``, for the error message.

    Raises:
        UserError: ``size`` is below 1 or above the number of samples.
    """
    if not 1 <= size <= len(labels):
        raise UserError(
            f"{key}={size} is not possible: there are {len(labels)} samples. "
            f"Choose 1 to {len(labels)}, or null for all."
        )
    counts = torch.bincount(labels)
    classes = counts.nonzero().flatten()
    shares = _shares(counts[classes].tolist(), size)
    chosen = []
    for label, share in zip(classes.tolist(), shares, strict=True):
        members = (labels == label).nonzero().flatten()
        order = torch.randperm(len(members), generator=generator(seed, "subset", label))
        chosen.append(members[order[:share]])
    return torch.cat(chosen).sort().values


def stratified_split(
    labels: Int64[Tensor, " n"], fraction: float, seed: int, key: str = "fraction"
) -> tuple[Int64[Tensor, " kept"], Int64[Tensor, " held_out"]]:
    """Indices (kept, held out), both ascending, where about ``fraction`` is held out.

    Both parts have the class proportions of ``labels``. The kept part, the one to train on, is
    never without a class.

    Raises:
        UserError: one of the two parts would be empty. ``key`` names the setting in the message.
    """
    held_out = round(fraction * len(labels))
    if not 0 < held_out < len(labels):
        raise UserError(
            f"{key}={fraction} of {len(labels)} samples leaves one part of the split empty. "
            "Choose a fraction above 0 and below 1 that leaves a sample on each side."
        )
    kept = stratified_indices(labels, len(labels) - held_out, seed)
    is_held_out = torch.ones(len(labels), dtype=torch.bool)
    is_held_out[kept] = False
    return kept, is_held_out.nonzero().flatten()


def _shares(counts: list[int], size: int) -> list[int]:
    """How many of ``size`` each class gets; in integers, so that no rounding depends on a machine.

    ``owed`` is what a class still lacks of its exact quota, times the number of samples.
    """
    total = sum(counts)
    least = 1 if size >= len(counts) else 0
    shares = [max(size * count // total, least) for count in counts]
    while (given := sum(shares)) != size:
        owed = [size * count - total * share for count, share in zip(counts, shares, strict=True)]
        if given < size:
            shares[owed.index(max(owed))] += 1
        else:  # the classes raised to one sample took what others are owed
            spare = [i for i, share in enumerate(shares) if share > least]
            shares[min(spare, key=lambda i: owed[i])] -= 1
    return shares


def one_of_each_class(labels: Int64[Tensor, " n"], samples: int) -> Int64[Tensor, " size"]:
    """Positions of so many samples: the first of each class, then the second of each, and so on."""
    by_class = torch.argsort(labels, stable=True)
    counts = torch.bincount(labels)
    starts = counts.cumsum(0) - counts
    position_in_class = torch.empty_like(labels)
    position_in_class[by_class] = torch.arange(len(labels)) - starts[labels[by_class]]
    return torch.argsort(position_in_class * len(counts) + labels)[:samples]
