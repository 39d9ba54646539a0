"""Batches from tensors that hold the whole set, without workers and without per-sample Python."""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float32, Int64
from torch import Generator, Tensor

from nullfit.seeds import generator

Transform = Callable[[Tensor, Generator], Tensor]


class BatchLoader:
    """Iterates over ``(images, labels)`` batches of one epoch.

    The order of samples is a permutation drawn from (seed, epoch) alone, so a resumed run sees the
    batches that an uninterrupted one would have seen. No sample is ever left out: the last batch
    may be smaller. It never has one sample only, on which batch norm cannot work: a lone last
    sample joins the batch before it.

    ``transform(images, generator)`` augments each batch; its generator belongs to (seed, epoch,
    batch index). Batches are on the device of ``images``. Without ``shuffle`` they are views.
    """

    def __init__(
        self,
        images: Float32[Tensor, "n c h w"],
        labels: Int64[Tensor, " n"],
        batch_size: int,
        seed: int,
        shuffle: bool,
        transform: Transform | None = None,
    ) -> None:
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.transform = transform
        self.epoch = 0

    @property
    def sampler(self) -> "BatchLoader":
        """Itself: Lightning calls ``set_epoch`` on a loader's sampler."""
        return self

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next; counts until the first batch is taken."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self._sizes())

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        epoch = self.epoch
        for index, (images, labels) in enumerate(self._batches(epoch)):
            if self.transform is None:
                yield images, labels
            else:
                draws = generator(self.seed, "augmentation", epoch, index)
                yield self.transform(images, draws), labels

    def _batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        sizes = self._sizes()
        if not self.shuffle:
            yield from zip(
                torch.split(self.images, sizes), torch.split(self.labels, sizes), strict=True
            )
            return
        draws = generator(self.seed, "order", epoch)
        order = torch.randperm(len(self.labels), generator=draws).to(self.images.device)
        for chosen in torch.split(order, sizes):
            yield self.images.index_select(0, chosen), self.labels.index_select(0, chosen)

    def _sizes(self) -> list[int]:
        whole, rest = divmod(len(self.labels), self.batch_size)
        sizes = [self.batch_size] * whole
        if rest == 1 and sizes:
            sizes[-1] += 1
        elif rest:
            sizes.append(rest)
        return sizes
