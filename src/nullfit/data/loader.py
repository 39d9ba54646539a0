"""Batches from tensors that hold the whole set, without workers and without per-sample Python."""

from collections.abc import Callable, Iterator
from itertools import islice

import torch
from jaxtyping import Float, Int64
from torch import Generator, Tensor

from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.seeds import generator

Transform = Callable[[Tensor, Generator, Tensor], Tensor]


class BatchLoader:
    """Iterates over ``(images, labels)`` batches of one epoch.

    ``images`` are a tensor, or made when their batch comes (`LazyImages`): the batches are equal.

    The order of samples is a permutation drawn from (seed, epoch) alone, so a resumed run sees the
    batches that an uninterrupted one would have seen. No sample is ever left out: the last batch
    may be smaller. It never has one sample only, on which batch norm cannot work: a lone last
    sample joins the batch before it.

    ``transform(images, generator, samples)`` makes the images of each batch; its generator belongs
    to (seed, epoch, batch index), and ``samples`` are their indices, on the CPU. Batches are on the
    device of ``images``. Without ``shuffle`` they are views.

    ``part`` (rank, ranks) chooses every ``ranks``-th sample of each batch, for one of several
    processes that share the batches: together they see each sample once. Batches then have two
    samples for each process at least.
    """

    def __init__(
        self,
        images: Float[Tensor, "n c h w"] | LazyImages,
        labels: Int64[Tensor, " n"],
        batch_size: int,
        seed: int,
        shuffle: bool,
        transform: Transform | None = None,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.transform = transform
        self.rank, self.ranks = part
        self.epoch = 0
        self._skipped = 0

    @property
    def sampler(self) -> "BatchLoader":
        """Itself: Lightning calls ``set_epoch`` on a loader's sampler."""
        return self

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next; counts until the first batch is taken."""
        self.epoch, self._skipped = epoch, 0

    def skip(self, batches: int) -> None:
        """Leave out the first batches of the epoch that was chosen."""
        self._skipped = batches

    def __len__(self) -> int:
        return len(self._sizes())

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        epoch = self.epoch
        if self.transform is None:
            yield from self._batches()
            return
        batches = zip(self.indices(), self._batches(), strict=True)
        for index, (chosen, (images, labels)) in enumerate(batches, start=self._skipped):
            own = (self.rank,) if self.rank else ()
            draws = generator(self.seed, "augmentation", epoch, index, *own)
            yield self.transform(images, draws, chosen), labels

    def indices(self) -> list[Int64[Tensor, " _"]]:
        """Which samples each coming batch of the epoch holds, in order."""
        if self.shuffle:
            draws = generator(self.seed, "order", self.epoch)
            order = torch.randperm(len(self.labels), generator=draws)
        else:
            order = torch.arange(len(self.labels))
        batches = list(torch.split(order, self._sizes()))[self._skipped :]
        return [batch[self.rank :: self.ranks] for batch in batches]

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        if isinstance(self.images, LazyImages):
            indices = self.indices()
            for chosen, images in zip(indices, self.images.batches(indices), strict=True):
                yield images, self.labels.index_select(0, chosen.to(self.labels.device))
            return
        if not self.shuffle and self.ranks == 1:
            sizes = self._sizes()
            whole = zip(
                torch.split(self.images, sizes), torch.split(self.labels, sizes), strict=True
            )
            yield from islice(whole, self._skipped, None)
            return
        indices = self.indices()
        # At once: a copy to a GPU in each step would wait for it.
        order = torch.cat(indices).to(self.images.device) if indices else torch.empty(0)
        for chosen in torch.split(order, [len(batch) for batch in indices]):
            yield self.images.index_select(0, chosen), self.labels.index_select(0, chosen)

    def _sizes(self) -> list[int]:
        return batch_sizes(len(self.labels), self.batch_size, self.ranks)


def batch_sizes(samples: int, batch_size: int, ranks: int = 1) -> list[int]:
    """The sizes of the batches of an epoch, as `BatchLoader` makes them."""
    whole, rest = divmod(samples, batch_size)
    sizes = [batch_size] * whole
    if 0 < rest < 2 * ranks and sizes:
        sizes[-1] += rest
    elif rest:
        sizes.append(rest)
    return sizes
