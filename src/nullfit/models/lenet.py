"""``model=lenet``."""

from math import prod

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.initialization import initialize
from nullfit.models.input_shape import output_shape, require_size
from nullfit.ranges import DropoutProbability


class LeNet(nn.Module):
    """LeNet-5 with ReLUs and max-pools: 62,006 parameters at 32×32×3.

    5×5 convolution to 6 channels, 2×2 pool, 5×5 convolution to 16 channels, 2×2 pool, linear
    layers of 120 and 84 units with dropout after each, logits. Unpadded: images must be at least
    16×16.

    Source: LeCun, Bottou, Bengio, Haffner (1998), section II.B, with full connections between the
    convolutions and today's non-linearity.
    """

    def __init__(
        self, input_shape: tuple[int, int, int], classes: int, *, dropout: DropoutProbability = 0.0
    ) -> None:
        super().__init__()
        require_size("lenet", input_shape, smallest=16)
        self.features = nn.Sequential(
            *(nn.Conv2d(input_shape[0], 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Flatten(),
        )
        flat = prod(output_shape(self.features, input_shape))
        self.hidden = nn.Sequential(
            *(nn.Linear(flat, 120), nn.ReLU(), nn.Dropout(dropout)),
            *(nn.Linear(120, 84), nn.ReLU(), nn.Dropout(dropout)),
        )
        self.head = nn.Linear(84, classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.hidden(self.features(images)))
        return logits
