"""The data that each network of a stack is trained on and measured on."""

from dataclasses import dataclass

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

EVERY_MEMBER = slice(None)
Chosen = Int64[Tensor, " b"] | slice


@dataclass(frozen=True)
class Columns:
    """Values that take the place of some inputs, for each network its own.

    ``positions`` count the flattened values of a sample; they may repeat with equal values.
    """

    positions: Int64[Tensor, "members p"]
    values: Float32[Tensor, "members n p"]


@dataclass(frozen=True)
class TrainingSets:
    """Inputs and targets of the m networks of a stack, n samples each.

    ``inputs`` are (n, …), the same for all, or (m, n, …) with ``own``. ``replaced`` writes values
    of each network's own over the same inputs, without a copy of the whole set for each.
    """

    inputs: Float32[Tensor, "..."]
    targets: Int64[Tensor, "members n"] | Float32[Tensor, "members n"]
    own: bool = False
    replaced: Columns | None = None

    @property
    def shared(self) -> bool:
        """Whether all networks see the same inputs: batches are then (b, …), else (m, b, …)."""
        return not self.own and self.replaced is None

    @property
    def samples(self) -> int:
        """N."""
        return self.targets.shape[1]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.inputs.shape[2 if self.own else 1 :])

    def batch(self, chosen: Chosen, members: slice = EVERY_MEMBER) -> Float32[Tensor, "..."]:
        """The inputs of some samples (a run of them, or any), for some of the networks."""
        if self.own:
            return _taken(self.inputs[members], 1, chosen)
        inputs = _taken(self.inputs, 0, chosen)
        if self.replaced is None:
            return inputs
        positions = self.replaced.positions[members]
        values = _taken(self.replaced.values[members], 1, chosen)
        flat = inputs.flatten(1).unsqueeze(0).repeat(len(positions), 1, 1)
        where = positions.unsqueeze(1).expand(-1, len(inputs), -1)
        return flat.scatter_(2, where, values).reshape(len(positions), *inputs.shape)

    def subset(self, chosen: Int64[Tensor, " b"]) -> "TrainingSets":
        """The same of some samples."""
        replaced = self.replaced
        return TrainingSets(
            _taken(self.inputs, 1 if self.own else 0, chosen),
            self.targets[:, chosen],
            self.own,
            replaced and Columns(replaced.positions, _taken(replaced.values, 1, chosen)),
        )

    def to(self, device: torch.device) -> "TrainingSets":
        """The same on another device."""
        replaced = self.replaced
        return TrainingSets(
            self.inputs.to(device),
            self.targets.to(device),
            self.own,
            replaced and Columns(replaced.positions.to(device), replaced.values.to(device)),
        )


def _taken(values: Tensor, axis: int, chosen: Chosen) -> Tensor:
    if isinstance(chosen, slice):
        return values[(slice(None),) * axis + (chosen,)]
    return values.index_select(axis, chosen)
