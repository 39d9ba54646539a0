"""One network of a group that is trained together."""

import torch
from torch import Tensor

from nullfit.data.module import RandomizedDataModule
from nullfit.fused.pool import Pool
from nullfit.fused.sums import Total
from nullfit.seeds import derive, generator
from nullfit.training.checkpoints import CheckpointFiles, restore
from nullfit.training.fit import Training
from nullfit.training.measures import Evaluator
from nullfit.training.record import Epoch


class Member:
    """A training that is carried out with others.

    Between the epochs its network, optimizer and schedule are those of a training alone; during
    them the stack has its weights.
    """

    def __init__(self, training: Training, pool: Pool) -> None:
        self.training = training
        self.network = training.network.to(pool.device, pool.dtype)
        self.record = training.record()
        self.batches = RandomizedDataModule(
            pool.share(training.data), training.batch_size, training.seed, training.augment
        )
        self.optimizer = training.optimizer(self.network.parameters())
        self.schedule = training.schedule(
            self.optimizer, training.trainer.max_epochs, len(self.batches.train_dataloader())
        )
        # Without gradients this moves nothing; a schedule warns if its optimizer never stepped.
        self.optimizer.step()
        self.files = CheckpointFiles(training.folder, training.about) if training.folder else None
        if training.resume is not None:
            restore(
                training.resume, self.network, self.optimizer, self.schedule.scheduler, self.record
            )
        self.record.begin()
        self.step_losses: list[Tensor] = []

    @property
    def epoch(self) -> int:
        """The epoch that comes next, from 0."""
        return self.record.epochs

    @property
    def order(self) -> tuple[int, ...]:
        """Equal for members that see the same batches of the same images in the coming epoch."""
        data = self.batches.data
        if not self.batches.transforms and data.redraw is None:
            return (data.train.images.data_ptr(), self.training.seed, self.epoch)
        return (id(self),)

    @property
    def lr(self) -> float:
        """The current learning rate."""
        return float(self.optimizer.param_groups[0]["lr"])

    def start_epoch(self) -> None:
        """Choose the batches and random numbers that a training alone would have."""
        self._lr = self.lr
        self.dropout = torch.Generator().manual_seed(
            derive(self.training.seed, "dropout", self.epoch)
        )
        self.noise = generator(self.training.seed, "weight_noise", self.epoch)
        self.batches.start_epoch(self.epoch)

    def end_step(self) -> None:
        """Move a schedule that moves at each step."""
        if self.schedule.interval == "step":
            self.schedule.scheduler.step()

    def end_epoch(self, total: Total, evaluate: Evaluator, seconds: float) -> None:
        """Record an epoch that took this member's training so many seconds."""
        if self.schedule.interval == "epoch":
            self.schedule.scheduler.step()
        epoch = Epoch(
            len(total.losses), total.samples, total.loss_sum, total.correct, self._lr, seconds
        )
        self.record.end_epoch(epoch, self.batches.data, evaluate)
        self.step_losses.append(total.losses)

    def save(self) -> None:
        """Write last.ckpt."""
        if self.files is not None:
            self.files.save_last(self.network, self.optimizer, self.schedule.scheduler, self.record)

    def end(self) -> None:
        """Write final.ckpt."""
        if self.files is not None:
            self.files.save_final(self.network)
