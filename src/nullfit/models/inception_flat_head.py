"""``model=inception_flat_head``."""

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.inception_trunk import TRUNK_CHANNELS, TrunkStyle, inception_trunk
from nullfit.models.initialization import initialize
from nullfit.models.input_shape import require_size
from nullfit.ranges import DropoutProbability

POOLED = 7


class InceptionFlatHead(nn.Module):
    """Unpadded Inception with a linear layer on all 7×7 positions: 1,814,106 parameters.

    Stem and downs are unpadded (28→26→12→5), the map is then pooled (here: spread) to 7×7 and
    flattened to 16,464 features. Convolution biases and affine batch norm. The number of
    parameters does not depend on the image size, which must be at least 9×9.
    """

    def __init__(
        self, input_shape: tuple[int, int, int], classes: int, *, dropout: DropoutProbability = 0.0
    ) -> None:
        super().__init__()
        require_size("inception_flat_head", input_shape, smallest=9)
        style = TrunkStyle("affine", first_kernel=1, stem_padding=0, down_padding=0)
        self.trunk = inception_trunk(input_shape[0], style)
        self.pool = nn.AdaptiveAvgPool2d(POOLED)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(TRUNK_CHANNELS * POOLED * POOLED, classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        features = self.flatten(self.pool(self.trunk(images)))
        logits: Tensor = self.head(self.dropout(features))
        return logits
