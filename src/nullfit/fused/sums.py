"""What an epoch's steps sum up to, for each member of a group."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nullfit.training.epoch_state import EpochState

# How often losses are looked at for divergence, as in a training alone.
_LOOK_EVERY = 100


@dataclass(frozen=True)
class Total:
    """What one member's steps of an epoch sum up to; ``losses`` are of those of this process."""

    losses: Tensor
    steps: int
    samples: int
    loss_sum: float
    correct: int


class Sums:
    """Losses and correct answers of all members over an epoch, kept on the device.

    A member whose loss is seen not to be finite keeps the sums of that moment, as if it had
    stopped there, which a training alone does. ``before`` says what was summed before the process
    was interrupted; all members stand at the same batch.
    """

    def __init__(self, before: Sequence[EpochState | None], device: torch.device) -> None:
        self._device = device
        self.losses: list[Tensor] = []
        started = [state for state in before if state is not None]
        self._first = started[0].batches if started else 0
        self.samples = started[0].samples if started else 0
        sums = [0.0 if state is None else state.loss_sum for state in before]
        correct = [0 if state is None else state.correct for state in before]
        self.loss_sum = torch.tensor(sums, dtype=torch.float64, device=device)
        self.correct = torch.tensor(correct, dtype=torch.int64, device=device)
        self._ended: dict[int, Total] = {}

    def add(self, samples: int, losses: Tensor, correct: Tensor) -> None:
        """One step more."""
        step = self._first + len(self.losses)
        self.losses.append(losses)
        self.samples += samples
        self.loss_sum += losses * samples
        self.correct += correct
        if step % _LOOK_EVERY == 0:
            for index in (~self.loss_sum.isfinite()).nonzero().flatten().tolist():
                if index not in self._ended:
                    self._ended[index] = self._total(index, self._losses())

    def has_ended(self, member: int) -> bool:
        """Whether a member's loss was seen not to be finite."""
        return member in self._ended

    @property
    def all_ended(self) -> bool:
        """Whether no member has a finite loss any more."""
        return len(self._ended) == len(self.loss_sum)

    def totals(self) -> list[Total]:
        """The sums of each member."""
        losses = self._losses()
        return [
            self._ended.get(index) or self._total(index, losses)
            for index in range(len(self.loss_sum))
        ]

    def _losses(self) -> Tensor:
        if self.losses:
            return torch.stack(self.losses)
        return torch.zeros(0, len(self.loss_sum), device=self._device)

    def _total(self, index: int, losses: Tensor) -> Total:
        return Total(
            losses[:, index],
            self._first + len(losses),
            self.samples,
            float(self.loss_sum[index]),
            int(self.correct[index]),
        )
