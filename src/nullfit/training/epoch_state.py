"""Where a training stands within an epoch."""

from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class EpochState:
    """What a training needs, besides weights and optimizer, to go on after some of its batches.

    The order of samples and their augmentation follow from (seed, epoch, batch) and need no saving.
    ``over`` says that no batch is left, or that the loss is not finite: only measuring remains.
    ``lr`` is the rate that the epoch began with. The generators' states are those after the last
    batch: ``noise`` of the weights, ``dropout`` on the CPU, ``device_dropout`` on a GPU.
    """

    batches: int
    samples: int
    loss_sum: float
    correct: int
    lr: float
    seconds: float
    over: bool
    noise: Tensor
    dropout: Tensor
    device_dropout: Tensor | None = None

    def state_dict(self) -> dict[str, Any]:
        """It as plain values and tensors."""
        return asdict(self)

    def batches_left(self, whole_epoch: int) -> int:
        """How many of the batches of a whole epoch are left."""
        return 0 if self.over else whole_epoch - self.batches
