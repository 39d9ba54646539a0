"""The loss of single steps, for those who watch a run in Weights & Biases."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nullfit.system.ecosystem import pytorch_lightning as pl


class StepLosses(pl.Callback):
    """Logs the losses of ``share`` of the steps, evenly spaced: for 0.01 of steps 100, 200, ….

    W&B takes about as long to log one as a small network takes for a step, and reading one at its
    step would make a GPU wait: they are read at the end of each epoch.
    """

    def __init__(self, log: Callable[[Mapping[str, float]], Any], name: str, share: float) -> None:
        self._record = log  # not `log`: Lightning puts its own there
        self.name = name
        self.share = min(share, 1.0)
        self._losses: list[Tensor] = []

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start afresh."""
        self._losses = []

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Keep the loss where it is."""
        self._losses.append(outputs["loss"])

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Fetch the epoch's losses at once, and log some."""
        if self._losses:
            self.record(torch.stack(self._losses).tolist(), trainer.global_step)

    def record(self, losses: Sequence[float], last_step: int) -> None:
        """Log some of the losses of the steps up to ``last_step``."""
        for step, loss in enumerate(losses, start=last_step - len(losses) + 1):
            if int(step * self.share) > int((step - 1) * self.share):
                self._record({self.name: loss, "step": step})
