"""``model=cnn_15x15``."""

from math import prod

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.initialization import initialize
from nullfit.models.input_shape import output_shape, require_size


class CNN15x15(nn.Module):
    """One unpadded 15×15 convolution to two channels, ReLU, logits: 4,382 parameters at 28×28×1.

    Small enough to look at its two kernels. Images must be at least 15×15.
    """

    def __init__(self, input_shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        require_size("cnn_15x15", input_shape, smallest=15)
        self.features = nn.Sequential(nn.Conv2d(input_shape[0], 2, 15), nn.ReLU(), nn.Flatten())
        self.head = nn.Linear(prod(output_shape(self.features, input_shape)), classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.features(images))
        return logits
