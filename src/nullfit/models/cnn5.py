"""``model=cnn5``."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.initialization import initialize
from nullfit.models.input_shape import require_size
from nullfit.ranges import PositiveInt


class CNN5(nn.Module):
    """Four convolutions of k, 2k, 4k, 8k channels and a linear layer: 1,558,026 at 32×32×3, k = 64.

    Each is a 3×3 convolution, batch norm and ReLU. The second and the third are followed by a 2×2
    max-pool, the last by the maximum over what is left, which at 32×32 is 8×8. Images must be at
    least 4×4.

    Source: Nakkiran et al. (2020), "Deep Double Descent" (arXiv 1912.02292), section 4.
    """

    def __init__(
        self, input_shape: tuple[int, int, int], classes: int, *, width: PositiveInt = 16
    ) -> None:
        super().__init__()
        require_size("cnn5", input_shape, smallest=4)
        channels = [input_shape[0], *(width * 2**stage for stage in range(4))]
        pools = (nn.Identity(), nn.MaxPool2d(2), nn.MaxPool2d(2), nn.AdaptiveMaxPool2d(1))
        layers: list[nn.Module] = []
        for (before, after), pool in zip(pairwise(channels), pools, strict=True):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
            layers.append(pool)
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.head = nn.Linear(channels[-1], classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.features(images))
        return logits
