"""The convolutional part that `Inception`, `InceptionFlatHead` and `MiniGoogLeNet` share.

Source: Zhang, Bengio, Hardt, Recht, Vinyals (2017), appendix A, figure 3: the small Inception.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.shift_batch_norm import ShiftBatchNorm2d

STEM_CHANNELS = 96
# (a, b): a block with two branches of a and b channels. A number: a down block that adds so many.
BLOCKS: tuple[tuple[int, int] | int, ...] = (
    *((32, 32), (32, 48), 80),
    *((112, 48), (96, 64), (80, 80), (48, 96), 96),
    *((176, 160), (176, 160)),
)
TRUNK_CHANNELS = 176 + 160


@dataclass(frozen=True)
class TrunkStyle:
    """Where the variants differ.

    ``normalization``: "shift" is batch norm without scale after a convolution without bias,
    "affine" ordinary batch norm after a convolution with bias, "none" the bias alone.
    ``first_kernel``: size of the first branch's kernel (1 or 3); the second branch's is 3.
    ``stem_padding``, ``down_padding``: pixels of zeros around the stem's and the downs' input.
    """

    normalization: Literal["shift", "affine", "none"]
    first_kernel: int
    stem_padding: int
    down_padding: int

    def convolution(
        self, inputs: int, outputs: int, kernel: int, padding: int, stride: int = 1
    ) -> nn.Sequential:
        """Convolution, normalization, ReLU."""
        bias = self.normalization != "shift"
        layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=bias)]
        if self.normalization == "shift":
            layers.append(ShiftBatchNorm2d(outputs))
        elif self.normalization == "affine":
            layers.append(nn.BatchNorm2d(outputs))
        return nn.Sequential(*layers, nn.ReLU())


class SideBySide(nn.Module):
    """Branches that see the same input; their channels are stacked."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c2 h2 w2"]:
        """Run all branches."""
        return torch.cat([branch(images) for branch in self.branches], dim=1)


def inception_trunk(channels: int, style: TrunkStyle) -> nn.Sequential:
    """Stem, ten blocks: images [n, channels, h, w] to maps [n, TRUNK_CHANNELS, h', w']."""
    layers: list[nn.Module] = [style.convolution(channels, STEM_CHANNELS, 3, style.stem_padding)]
    width = STEM_CHANNELS
    for block in BLOCKS:
        if isinstance(block, int):
            convolution = style.convolution(width, block, 3, style.down_padding, stride=2)
            layers.append(SideBySide(convolution, nn.MaxPool2d(3, 2, style.down_padding)))
            width += block
        else:
            first = style.convolution(width, block[0], style.first_kernel, style.first_kernel // 2)
            layers.append(SideBySide(first, style.convolution(width, block[1], 3, 1)))
            width = sum(block)
    return nn.Sequential(*layers)
