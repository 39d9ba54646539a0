"""What a probe is: it hears what each epoch left behind, and says at the end what it found."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from nullfit.console import name_files, say
from nullfit.data.randomized_data import RandomizedData
from nullfit.plots.style import save


@dataclass(frozen=True)
class Findings:
    """What a probe found: a section of result.json, arrays beside it, a figure, lines to say."""

    fields: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    figure: Figure | None = None
    told: list[str] = field(default_factory=list)

    def publish(self, folder: Path, name: str) -> None:
        """Say the lines, and write the figure to ``folder`` as ``<name>.png`` and ``.pdf``."""
        for line in self.told:
            say(f"  {line}")
        if self.figure is not None:
            name_files(save(self.figure, folder / name))


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
