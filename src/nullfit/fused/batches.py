"""The batches that the members of a group see in one epoch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from jaxtyping import Int64
from torch import Tensor

from nullfit.fused.member import Member


@dataclass(frozen=True)
class Part:
    """What the members ``first`` … ``end`` − 1 see at one step.

    ``images`` are (n, c, h, w) if they are ``shared`` by these members, else (m, n, c, h, w).
    """

    first: int
    end: int
    images: Tensor
    targets: Int64[Tensor, "m n"]
    shared: bool


class EpochBatches:
    """Iterates over the steps of an epoch; each is one part or several.

    Members that see the same batches must be neighbours. A convolution of one batch by many
    networks is one large matrix product, one of many batches by as many networks is many small
    ones: where networks convolve, those that share their batches make up a part (``by_order``).
    """

    def __init__(self, members: Sequence[Member], by_order: bool) -> None:
        for member in members:
            member.start_epoch()
        self.members = members
        ranges = list(_ranges(members))
        if by_order and len(ranges) < len(members):
            self.ranges = ranges
        else:
            self.ranges = [(0, len(members))]
        self._one_order = len(ranges) == 1
        self._transformed = any(member.batches.transforms for member in members)

    def __iter__(self) -> Iterator[list[Part]]:
        if self._transformed:
            yield from self._from_loaders()
            return
        labels = torch.stack([member.batches.data.train.labels for member in self.members])
        orders = [member.batches.train_dataloader().indices() for member in self.members]
        for chosen in zip(*orders, strict=True):
            indices = torch.stack(chosen).to(labels.device)
            yield [self._part(first, end, indices, labels) for first, end in self.ranges]

    def _from_loaders(self) -> Iterator[list[Part]]:
        loaders = [member.batches.train_dataloader() for member in self.members]
        for batches in zip(*loaders, strict=True):
            images = torch.stack([images for images, _ in batches])
            targets = torch.stack([labels for _, labels in batches])
            yield [Part(0, len(self.members), images, targets, shared=False)]

    def _part(self, first: int, end: int, indices: Tensor, labels: Tensor) -> Part:
        targets = labels[first:end].gather(1, indices[first:end])
        sources = [member.batches.data.train.images for member in self.members[first:end]]
        if len(self.ranges) > 1 or self._one_order:
            images = sources[0].index_select(0, indices[first])
            return Part(first, end, images, targets, shared=True)
        if all(source.data_ptr() == sources[0].data_ptr() for source in sources):
            images = sources[0].index_select(0, indices.flatten())
            return Part(first, end, images.unflatten(0, indices.shape), targets, shared=False)
        own = [s.index_select(0, i) for s, i in zip(sources, indices, strict=True)]
        return Part(first, end, torch.stack(own), targets, shared=False)


def _ranges(members: Sequence[Member]) -> Iterator[tuple[int, int]]:
    first = 0
    for _, same in groupby(members, key=lambda member: member.order):
        end = first + len(list(same))
        yield first, end
        first = end
