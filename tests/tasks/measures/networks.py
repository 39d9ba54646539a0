"""Small networks with random weights, for tests of measures."""

from itertools import pairwise

import torch
from torch import nn


def mlp(*widths: int) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1]).double().eval()


def convolutional() -> nn.Sequential:
    """Images of 2×6×6, four classes."""
    torch.manual_seed(1)
    return (
        nn.Sequential(
            nn.Conv2d(2, 3, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(3, 4, 2, stride=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(4, 4),
        )
        .double()
        .eval()
    )


def images(n: int = 5) -> torch.Tensor:
    return torch.randn(n, 2, 6, 6, generator=torch.Generator().manual_seed(2)).double()


def matrix_of(layer: nn.Module, shape: tuple[int, ...]) -> torch.Tensor:
    """A layer without its bias as a matrix, column by column."""
    with torch.no_grad():
        zero = layer(torch.zeros(1, *shape).double())
        columns = []
        for at in range(torch.Size(shape).numel()):
            unit = torch.zeros(torch.Size(shape).numel()).double()
            unit[at] = 1
            columns.append((layer(unit.reshape(1, *shape)) - zero).flatten())
        return torch.stack(columns, 1)
