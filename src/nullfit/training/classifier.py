"""The Lightning module around every network."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.func import functional_call

from nullfit.data.module import RandomizedDataModule
from nullfit.data.randomized_data import RandomizedData
from nullfit.losses import Loss, cross_entropy
from nullfit.optimizers import MakeOptimizer
from nullfit.schedules import MakeSchedule
from nullfit.seeds import derive, generator
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.training.compilation import Compute
from nullfit.training.epoch_state import EpochState
from nullfit.training.probe import Probe, Steps
from nullfit.training.ranks import summed, weighted


class Classifier(pl.LightningModule):
    """Trains a network to name the class of an image by stochastic gradient descent.

    It sums loss and correct answers on the device and reads them once an epoch: reading them at
    every step would make a GPU wait.
    """

    def __init__(
        self,
        network: nn.Module,
        make_optimizer: MakeOptimizer,
        make_schedule: MakeSchedule,
        seed: int,
        weight_noise: float = 0.0,
        compute: Compute | None = None,
        probes: Sequence[Probe] = (),
        loss: Loss = cross_entropy,
    ) -> None:
        super().__init__()
        # Lightning's own way around an optimizer calls nine hooks a step, which cost small networks
        # a tenth of their time.
        self.automatic_optimization = False
        self.network = network
        self.compute = compute or network.__call__  # no module: the network is not here twice
        self.make_optimizer = make_optimizer
        self.make_schedule = make_schedule
        self.seed = seed
        self.weight_noise = weight_noise
        self.loss = loss
        self.steps = Steps(probes)
        self.noise = torch.Generator()
        self.epoch: int | None = None  # the one begun last, from 0
        self.resumed: EpochState | None = None  # where in the coming epoch to go on
        self.reset_sums()

    @property
    def _datamodule(self) -> RandomizedDataModule:
        return self.trainer.datamodule  # type: ignore[attr-defined, no-any-return]

    @property
    def data(self) -> RandomizedData:
        """The data of the current epoch, on the device."""
        return self._datamodule.data

    def reset_sums(self) -> None:
        """Forget what was summed over the epoch so far."""
        self.loss_sum = torch.zeros((), dtype=torch.float64)
        self.correct = torch.zeros((), dtype=torch.int64)
        self.samples = self.batches = 0

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """The network's logits."""
        return self.network(images)  # type: ignore[no-any-return]

    def __setattr__(self, name: str, value: Any) -> None:
        # Lightning notes the hook that it is in some forty times a step, and a module looks at each
        # value that it is given for weights.
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    def training_step(
        self, batch: tuple[Float[Tensor, "n c h w"], Int64[Tensor, " n"]], batch_idx: int
    ) -> dict[str, Float[Tensor, ""]]:
        """One step of the optimizer; returns the mean loss of the batch as ``loss``."""
        images, labels = batch
        optimizer: Any = self.optimizers()
        optimizer.zero_grad()  # before CUDA graphs use the memory of the gradients again
        logits = self._noisy_logits(images) if self.weight_noise else self.compute(images)
        if self.steps:
            self.steps.tell(logits.detach(), labels)
        loss = self.loss(logits, labels)
        self.loss_sum = self.loss_sum + loss.detach() * len(labels)
        self.correct = self.correct + (logits.detach().argmax(1) == labels).sum()
        self.samples += len(labels)
        self.batches += 1
        self.manual_backward(weighted(loss, len(labels)))
        optimizer.step()
        if self._moves_each_step or self.trainer.fit_loop.epoch_loop._num_ready_batches_reached():
            self._scheduler.step()
        return {"loss": loss.detach()}

    def sum_over_processes(self) -> None:
        """Make the sums of the epoch those of all processes that share the training."""
        samples = torch.tensor(self.samples, device=self.correct.device)
        self.loss_sum, self.correct, samples = summed(self.loss_sum, self.correct, samples)
        self.samples = int(samples)

    def _noisy_logits(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        # The gradient at the noisy weights moves the clean ones, so nothing has to be taken back.
        noisy = {
            name: weight + self.weight_noise * self._standard_normal_like(weight)
            for name, weight in self.network.named_parameters()
        }
        return functional_call(self.network, noisy, (images,))  # type: ignore[no-any-return]

    def _standard_normal_like(self, weight: Tensor) -> Tensor:
        noise = torch.randn(weight.shape, generator=self.noise, dtype=weight.dtype)
        return noise.to(weight.device)

    def on_train_epoch_start(self) -> None:
        """Start the epoch's own streams of random numbers, so that a resumed run has the same."""
        self.reset_sums()
        self.loss_sum = self.loss_sum.to(self.device)
        self.correct = self.correct.to(self.device)
        own = (self.global_rank,) if self.global_rank else ()
        torch.manual_seed(derive(self.seed, "dropout", self.current_epoch, *own))
        self.noise = generator(self.seed, "weight_noise", self.current_epoch)
        self._datamodule.start_epoch(self.current_epoch)
        if self.resumed is not None:
            self._go_on(self.resumed)
        self.epoch, self.resumed = self.current_epoch, None
        self.steps.start_epoch(self._datamodule.train_dataloader())

    def _go_on(self, after: EpochState) -> None:
        """Stand where the epoch stood after some of its batches."""
        self.batches, self.samples = after.batches, after.samples
        self.loss_sum += after.loss_sum
        self.correct += after.correct
        self.noise.set_state(after.noise)
        torch.set_rng_state(after.dropout)
        if after.device_dropout is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(after.device_dropout, self.device)
        self._datamodule.train_dataloader().skip(after.batches)

    def configure_optimizers(self) -> Any:
        """The chosen optimizer and schedule."""
        optimizer = self.make_optimizer(
            [weight for weight in self.network.parameters() if weight.requires_grad]
        )
        epochs = self.trainer.max_epochs or 1
        steps = int(self.trainer.estimated_stepping_batches) // epochs
        schedule = self.make_schedule(optimizer, epochs, steps, len(self.data.train))
        self._scheduler, self._moves_each_step = schedule.scheduler, schedule.interval == "step"
        return {"optimizer": optimizer, "lr_scheduler": schedule.scheduler}
