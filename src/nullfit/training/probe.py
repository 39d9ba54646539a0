"""What a probe is: it hears what each epoch left behind, and says at the end what it found."""

from typing import Any, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from nullfit.data.randomized_data import RandomizedData
from nullfit.results.findings import Findings


@runtime_checkable  # types are checked while the tests run
class Probe(Protocol):
    """Hears the losses of the training samples, in their order, whenever they are measured."""

    name: str

    def after_epoch(self, epoch: int, losses: Float[Tensor, " n"]) -> None:
        """Hear the losses after an epoch, measured in evaluation mode without augmentation."""

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to go on, as plain values and tensors."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state_dict`."""

    def finish(self, data: RandomizedData) -> Findings:
        """What was found, held against which labels of ``data`` were corrupted."""
