"""The loss of single steps, for those who watch a run in Weights & Biases."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nullfit.system.ecosystem import pytorch_lightning as pl

_CHUNK = 1024
# Seconds that W&B takes to log one row, until it has been measured here.
_FIRST_GUESS = 3e-4


class StepLosses(pl.Callback):
    """Keeps the loss of each step on the device and logs some of them at the end of each epoch.

    Reading a loss at its step would make a GPU wait, and W&B takes about as long to log one as a
    small network takes for a step. So as many are logged, evenly spaced and each with its own
    step, as ``budget``, a share of the training time, allows; what an epoch leaves over the next
    one may use.
    """

    def __init__(self, log: Callable[[Mapping[str, float]], Any], name: str, budget: float) -> None:
        self._record = log  # not `log`: Lightning puts its own there
        self.name = name
        self.budget = budget
        self._chunks: list[Tensor] = []
        self._losses: list[Tensor] = []
        self._began = 0.0
        self._allowed_seconds = 0.0
        self._seconds_each = _FIRST_GUESS

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start afresh."""
        self._chunks, self._losses = [], []
        self._began = time.perf_counter()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Keep the loss where it is."""
        self._losses.append(outputs["loss"])
        if len(self._losses) == _CHUNK:  # one small tensor a step would take up memory
            self._chunks.append(torch.stack(self._losses))
            self._losses = []

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Fetch the epoch's losses at once, and log those that there is time for."""
        if self._losses:
            self._chunks.append(torch.stack(self._losses))
        losses = torch.cat(self._chunks).tolist() if self._chunks else []
        self.record(losses, trainer.global_step, time.perf_counter() - self._began)

    def record(self, losses: Sequence[float], last_step: int, seconds: float) -> None:
        """Log losses of steps that took so many seconds, as many as the budget allows."""
        now = time.perf_counter()
        self._allowed_seconds += self.budget * seconds
        count = min(len(losses), int(self._allowed_seconds / self._seconds_each))
        first = last_step - len(losses) + 1
        for position in evenly_spaced(len(losses), count):
            self._record({self.name: losses[position], "step": first + position})
        if count:
            spent = time.perf_counter() - now
            self._seconds_each = spent / count
            # An epoch whose every step was logged leaves nothing over: it had no use for it.
            self._allowed_seconds -= spent if count < len(losses) else self._allowed_seconds


def evenly_spaced(length: int, count: int) -> list[int]:
    """``count`` of the positions 0 … length − 1, the last one always among them."""
    return [math.ceil((place + 1) * length / count) - 1 for place in range(count)]
