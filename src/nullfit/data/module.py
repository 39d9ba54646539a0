"""The Lightning data module: randomized data in whole-tensor batches."""

from dataclasses import replace

import torch
from torch import Tensor

from nullfit.data.augmentation import Augment
from nullfit.data.loader import BatchLoader, Transform
from nullfit.data.randomized_data import RandomizedData
from nullfit.system.ecosystem import pytorch_lightning as pl


def _part(trainer: pl.Trainer) -> tuple[int, int]:
    return trainer.global_rank, trainer.world_size


class RandomizedDataModule(pl.LightningDataModule):
    """Holds the randomized data on the device and hands out training batches.

    ``augment`` is applied to each training batch with a generator of the batch's own.
    """

    def __init__(
        self, data: RandomizedData, batch_size: int, seed: int, augment: Augment | None = None
    ) -> None:
        super().__init__()
        self.data = data
        self.batch_size = batch_size
        self.seed = seed
        self.augment = augment
        self._loader: BatchLoader | None = None

    def place(self, device: torch.device, dtype: torch.dtype = torch.float32) -> None:
        """Move the data to the device once, instead of batch by batch; images become ``dtype``."""
        self.data = self.data.to(device, dtype)

    def train_dataloader(self) -> BatchLoader:
        """Batches of the training split; their order follows from (seed, epoch)."""
        if self._loader is None:
            train = self.data.train
            self._loader = BatchLoader(
                train.pixels,
                train.labels,
                batch_size=self.batch_size,
                seed=self.seed,
                shuffle=True,
                transform=self._transform(),
                part=(0, 1) if self.trainer is None else _part(self.trainer),
            )
        return self._loader

    @property
    def transforms(self) -> bool:
        """Whether batches are more than samples of the training split."""
        return self.augment is not None or self.data.train.prepare is not None

    def _transform(self) -> Transform | None:
        if not self.transforms:
            return None

        def transform(images: Tensor, random: torch.Generator, chosen: Tensor) -> Tensor:
            augmented = images if self.augment is None else self.augment(images, random)
            prepare = self.data.train.prepare  # of this epoch, where each draws anew
            return augmented if prepare is None else prepare(augmented, chosen)

        return transform

    def start_epoch(self, epoch: int) -> None:
        """Choose the epoch's order of samples; draw the corruption anew if that is asked for."""
        loader = self.train_dataloader()
        loader.set_epoch(epoch)
        if self.data.redraw is not None:
            drawn = self.data.redraw(epoch)
            train = self.data.train
            drawn = drawn.to(train.labels.device, train.pixels.dtype)
            self.data = replace(self.data, train=drawn)
            loader.images, loader.labels = self.data.train.pixels, self.data.train.labels
