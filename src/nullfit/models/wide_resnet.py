"""``model=wide_resnet``."""

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.errors import UserError
from nullfit.models.initialization import initialize
from nullfit.ranges import DropoutProbability, PositiveInt


class ResidualBlock(nn.Module):
    """Pre-activation block: twice (batch norm, ReLU, 3×3 convolution), added to a shortcut.

    Where channels or resolution change, the shortcut is a 1×1 convolution of the activated input;
    elsewhere it is the input itself.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.activation = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU())
        self.residual = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
            *(nn.BatchNorm2d(outputs), nn.ReLU(), nn.Dropout(dropout)),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        )
        self.projects = inputs != outputs or stride != 1
        self.shortcut = (
            nn.Conv2d(inputs, outputs, 1, stride, bias=False) if self.projects else nn.Identity()
        )

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c2 h2 w2"]:
        """Shortcut plus residual."""
        activated = self.activation(maps)
        shortcut: Tensor = self.shortcut(activated if self.projects else maps)
        residual: Tensor = self.residual(activated)
        return shortcut + residual


class WideResNet(nn.Module):
    """Wide residual network WRN-``depth``-``width``: 369,498 parameters for WRN-28-1.

    A 3×3 convolution to 16 channels; three groups of (depth - 4) / 6 blocks with 16, 32 and 64
    times ``width`` channels, the last two starting with stride 2; batch norm, ReLU, global mean
    pool, logits. Dropout sits between the two convolutions of a block. Takes images of any size.

    Source: Zagoruyko, Komodakis (2016), table 1 and section 2.4.

    Raises:
        UserError: ``depth`` is not 6k + 4.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        classes: int,
        *,
        depth: PositiveInt = 28,
        width: PositiveInt = 1,
        dropout: DropoutProbability = 0.0,
    ) -> None:
        super().__init__()
        blocks, rest = divmod(depth - 4, 6)
        if rest or blocks < 1:
            nearest = 6 * max(1, round((depth - 4) / 6)) + 4
            raise UserError(
                f"model.depth={depth}: a wide_resnet has depth 6k + 4 "
                f"(10, 16, 22, 28, 34, 40, …); the nearest is {nearest}."
            )
        layers: list[nn.Module] = [nn.Conv2d(input_shape[0], 16, 3, padding=1, bias=False)]
        channels = 16
        for outputs, stride in ((16 * width, 1), (32 * width, 2), (64 * width, 2)):
            for block in range(blocks):
                first = block == 0
                layers.append(ResidualBlock(channels, outputs, stride if first else 1, dropout))
                channels = outputs
        self.trunk = nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU())
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(channels, classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.flatten(self.pool(self.trunk(images))))
        return logits
