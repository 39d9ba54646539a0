"""``model=inception`` and ``model=inception_no_bn``."""

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.inception_trunk import TRUNK_CHANNELS, TrunkStyle, inception_trunk
from nullfit.models.initialization import initialize
from nullfit.ranges import DropoutProbability


class Inception(nn.Module):
    """The study's small Inception: 1,649,402 parameters for three channels and ten classes.

    Padded so that each of the two downs halves the map (28→14→7); global mean pool; dropout
    before the linear layer. Without batch norm the convolutions have biases instead, so the number
    of parameters stays. Takes images of any size.

    Source: Zhang et al. (2017), appendix A, figure 3.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        classes: int,
        *,
        batch_norm: bool = True,
        dropout: DropoutProbability = 0.0,
    ) -> None:
        super().__init__()
        style = TrunkStyle(
            "shift" if batch_norm else "none", first_kernel=1, stem_padding=1, down_padding=1
        )
        self.trunk = inception_trunk(input_shape[0], style)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(TRUNK_CHANNELS, classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        features = self.flatten(self.pool(self.trunk(images)))
        logits: Tensor = self.head(self.dropout(features))
        return logits
