"""Depth and width of a network, and how much it would hold by its parameters."""

from dataclasses import dataclass

from torch import nn

from nullfit.models.build import parameter_count

_WITH_WEIGHTS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


@dataclass(frozen=True)
class Size:
    """Parameters, hidden layers, and units or channels of the widest of them (0: there is none).

    Layers are linear ones and convolutions; the last of them is not hidden.
    """

    parameters: int
    depth: int
    width: int

    @classmethod
    def of(cls, network: nn.Module) -> "Size":
        """Of any network."""
        layers = [layer for layer in network.modules() if isinstance(layer, _WITH_WEIGHTS)]
        widths = [len(layer.weight) for layer in layers[:-1]]
        return cls(parameter_count(network), len(widths), max(widths, default=0))


def theorem_1_samples(parameters: float | int, dimensions: int) -> float:
    """The n for which 2n + d weights (Theorem 1, Zhang et al. 2017) are so many; may be < 0."""
    return (float(parameters) - dimensions) / 2
