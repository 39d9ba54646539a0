"""One network of a group that is trained together."""

import torch
from torch import Tensor

from nullfit.data.module import RandomizedDataModule
from nullfit.fused.pool import Pool
from nullfit.fused.sums import Total
from nullfit.seeds import derive, generator
from nullfit.training.checkpoints import CheckpointFiles, restore
from nullfit.training.epoch_state import EpochState
from nullfit.training.measures import Evaluator
from nullfit.training.probe import Steps
from nullfit.training.record import Epoch
from nullfit.training.training import Training


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
            self.optimizer,
            training.epochs,
            len(self.batches.train_dataloader()),
            len(training.data.train),
        )
        # Without gradients this moves nothing; a schedule warns if its optimizer never stepped.
        self.optimizer.step()
        self.files = CheckpointFiles(training.folder, training.about) if training.folder else None
        self.resumed: EpochState | None = None  # where in the coming epoch to go on
        if training.resume is not None:
            self.resumed = restore(
                training.resume, self.network, self.optimizer, self.schedule.scheduler, self.record
            )
        self.record.begin(self.batches.data, self.network)
        self.steps = Steps(training.probes)
        self.step_losses: list[Tensor] = []

    @property
    def batches_left(self) -> int:
        """How many batches of the coming epoch are to be trained on."""
        whole = len(self.batches.train_dataloader())
        return whole if self.resumed is None else self.resumed.batches_left(whole)

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
        self._lr = self.lr if self.resumed is None else self.resumed.lr
        self.dropout = torch.Generator().manual_seed(
            derive(self.training.seed, "dropout", self.epoch)
        )
        self.noise = generator(self.training.seed, "weight_noise", self.epoch)
        self.batches.start_epoch(self.epoch)
        if self.resumed is not None:
            self.dropout.set_state(self.resumed.dropout)
            self.noise.set_state(self.resumed.noise)
            self.batches.train_dataloader().skip(self.resumed.batches)
        self.steps.start_epoch(self.batches.train_dataloader())

    def end_step(self) -> None:
        """Move a schedule that moves at each step."""
        if self.schedule.interval == "step":
            self.schedule.scheduler.step()

    def end_batches(self) -> None:
        """Move a schedule that moves at each epoch."""
        moved = self.resumed is not None and self.resumed.over
        if self.schedule.interval == "epoch" and not moved:
            self.schedule.scheduler.step()

    def end_epoch(self, total: Total, evaluate: Evaluator, seconds: float) -> None:
        """Record an epoch that took this member's training so many seconds."""
        epoch = Epoch(total.steps, total.samples, total.loss_sum, total.correct, self._lr, seconds)
        self.record.end_epoch(epoch, self.batches.data, evaluate, self.network)
        self.step_losses.append(total.losses)
        self.resumed = None

    def state_after(self, total: Total, seconds: float, over: bool) -> EpochState:
        """Where it stands within an epoch of which these are the sums so far."""
        return EpochState(
            batches=total.steps,
            samples=total.samples,
            loss_sum=total.loss_sum,
            correct=total.correct,
            lr=self._lr,
            seconds=seconds,
            over=over,
            noise=self.noise.get_state(),
            dropout=self.dropout.get_state(),
        )

    def save(self, epoch: EpochState | None = None) -> None:
        """Write last.ckpt, between two epochs or within one."""
        if self.files is not None:
            self.files.save_last(
                self.network, self.optimizer, self.schedule.scheduler, self.record, epoch
            )

    def end(self) -> None:
        """Write final.ckpt."""
        if self.files is not None:
            self.files.save_final(self.network)
