"""``model=mini_googlenet``."""

from math import prod

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.inception_trunk import TrunkStyle, inception_trunk
from nullfit.models.initialization import initialize
from nullfit.models.input_shape import output_shape, require_size
from nullfit.ranges import DropoutProbability

POOL = 7


class MiniGoogLeNet(nn.Module):
    """Inception with two 3×3 branches in each block: 2,934,874 parameters at 28×28×3.

    Padded stem, unpadded downs (28→13→6), so that the 7×7 average pool with one pixel of padding
    covers the whole map. On smaller maps the pool is as large as the map; on larger ones it leaves
    several positions, and the linear layer sees them all. Convolution biases and affine batch norm;
    dropout before the linear layer. Images must be at least 7×7.
    """

    def __init__(
        self, input_shape: tuple[int, int, int], classes: int, *, dropout: DropoutProbability = 0.0
    ) -> None:
        super().__init__()
        require_size("mini_googlenet", input_shape, smallest=7)
        style = TrunkStyle("affine", first_kernel=3, stem_padding=1, down_padding=0)
        self.trunk = inception_trunk(input_shape[0], style)
        maps = output_shape(self.trunk, input_shape)
        small = min(maps[1:]) + 2 < POOL
        self.pool = nn.AdaptiveAvgPool2d(1) if small else nn.AvgPool2d(POOL, padding=1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(dropout)
        pooled = maps[0] if small else prod(output_shape(self.pool, (maps[0], maps[1], maps[2])))
        self.head = nn.Linear(pooled, classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        features = self.flatten(self.pool(self.trunk(images)))
        logits: Tensor = self.head(self.dropout(features))
        return logits
