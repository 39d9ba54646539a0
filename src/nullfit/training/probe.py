"""What a probe is: it hears what each epoch left behind, and says at the end what it found."""

from abc import ABC, abstractmethod
from typing import Any

from jaxtyping import Float
from torch import Tensor

from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.results.findings import Findings


class Probe(ABC):
    """Hears the losses of the training samples, in their order, whenever they are measured.

    A probe of one's own is a class ``MyProbe(config, *, settings…)`` and a YAML file in
    ``conf/probe/``. ``config`` is the run's `nullfit.config.schema.RunConfig`; the keyword-only
    parameters are the settings. What cannot be is refused by a `nullfit.errors.UserError`, of the
    settings alone when the probe is made, of the data in `refuse`.
    """

    name: str  # of its section in result.json, and of its files

    def refuse(self, train: Split, samples: int) -> None:  # noqa: B027  # most take any data
        """See that it can do with data; ``train`` are the ``samples`` there are, or a few of them.

        Raises:
            UserError: it cannot.
        """

    @abstractmethod
    def after_epoch(self, epoch: int, losses: Float[Tensor, " n"]) -> None:
        """Hear the losses after an epoch, measured in evaluation mode without augmentation."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to go on, as plain values and tensors."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state_dict`."""

    @abstractmethod
    def finish(self, data: RandomizedData) -> Findings:
        """What was found, held against which labels of ``data`` were corrupted."""
