"""``model=forgetting_cnn``."""

from math import prod

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.initialization import initialize
from nullfit.models.input_shape import output_shape, require_size
from nullfit.ranges import DropoutProbability


class ForgettingCNN(nn.Module):
    """The network on MNIST of the paper on example forgetting: 21,840 parameters at 28×28×1.

    5×5 convolution to 10 channels, 2×2 max-pool, ReLU; 5×5 convolution to 20 channels, dropout of
    whole channels, 2×2 max-pool, ReLU; a linear layer of 50 units, ReLU, dropout; logits. Unpadded:
    images must be at least 16×16.

    Source: the public code of Toneva et al., "An Empirical Study of Example Forgetting during Deep
    Neural Network Learning" (ICLR 2019, arXiv 1812.05159).
    """

    def __init__(
        self, input_shape: tuple[int, int, int], classes: int, *, dropout: DropoutProbability = 0.0
    ) -> None:
        super().__init__()
        require_size("forgetting_cnn", input_shape, smallest=16)
        self.features = nn.Sequential(
            *(nn.Conv2d(input_shape[0], 10, 5), nn.MaxPool2d(2), nn.ReLU()),
            *(nn.Conv2d(10, 20, 5), nn.Dropout2d(dropout), nn.MaxPool2d(2), nn.ReLU()),
            nn.Flatten(),
        )
        flat = prod(output_shape(self.features, input_shape))
        self.hidden = nn.Sequential(nn.Linear(flat, 50), nn.ReLU(), nn.Dropout(dropout))
        self.head = nn.Linear(50, classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.hidden(self.features(images)))
        return logits
