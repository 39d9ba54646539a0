"""What an epoch's steps sum up to, for each member of a group."""

from dataclasses import dataclass

import torch
from torch import Tensor

# How often losses are looked at for divergence, as in a training alone.
_LOOK_EVERY = 100


@dataclass(frozen=True)
class Total:
    """What one member's steps of an epoch sum up to."""

    losses: Tensor
    samples: int
    loss_sum: float
    correct: int


class Sums:
    """Losses and correct answers of all members over an epoch, kept on the device.

    A member whose loss is seen not to be finite keeps the sums of that moment, as if it had
    stopped there, which a training alone does.
    """

    def __init__(self, members: int, device: torch.device) -> None:
        self.losses: list[Tensor] = []
        self.samples = 0
        self.loss_sum = torch.zeros(members, dtype=torch.float64, device=device)
        self.correct = torch.zeros(members, dtype=torch.int64, device=device)
        self._ended: dict[int, Total] = {}

    def add(self, samples: int, losses: Tensor, correct: Tensor) -> None:
        """One step more."""
        step = len(self.losses)
        self.losses.append(losses)
        self.samples += samples
        self.loss_sum += losses * samples
        self.correct += correct
        if step % _LOOK_EVERY == 0:
            for index in (~self.loss_sum.isfinite()).nonzero().flatten().tolist():
                if index not in self._ended:
                    self._ended[index] = self._total(index, torch.stack(self.losses))

    @property
    def all_ended(self) -> bool:
        """Whether no member has a finite loss any more."""
        return len(self._ended) == len(self.loss_sum)

    def totals(self) -> list[Total]:
        """The sums of each member."""
        losses = torch.stack(self.losses)
        return [
            self._ended.get(index) or self._total(index, losses)
            for index in range(len(self.loss_sum))
        ]

    def _total(self, index: int, losses: Tensor) -> Total:
        return Total(
            losses[:, index], self.samples, float(self.loss_sum[index]), int(self.correct[index])
        )
