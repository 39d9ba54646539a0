"""``model=alexnet``."""

from math import prod

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.models.initialization import initialize
from nullfit.models.input_shape import output_shape
from nullfit.ranges import DropoutProbability, NonNegative, NonNegativeInt, Positive


class AlexNet(nn.Module):
    """The study's small Alexnet: 1,387,786 parameters at 28×28×3.

    Twice (5×5 convolution to 64 channels, ReLU, 3×3 max-pool of stride 2, local response
    normalization), then linear layers of 384 and 192 units with dropout after each, then logits.
    Pooling is padded, so maps halve (28→14→7) and images may have any size.

    Local response normalization divides each value by ``(k + α · mean of squares)^β``, the mean
    taken over the channel and ``lrn_radius`` neighbours on either side of it (Krizhevsky,
    Sutskever, Hinton 2012, section 3.3; here α multiplies the mean, as in PyTorch, not the sum).

    Source: Zhang et al. (2017), appendix A.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        classes: int,
        *,
        lrn_radius: NonNegativeInt = 4,
        lrn_alpha: NonNegative = 0.001,
        lrn_beta: NonNegative = 0.75,
        lrn_k: Positive = 1.0,
        dropout: DropoutProbability = 0.0,
    ) -> None:
        super().__init__()

        def stage(inputs: int) -> list[nn.Module]:
            normalization = nn.LocalResponseNorm(2 * lrn_radius + 1, lrn_alpha, lrn_beta, lrn_k)
            convolution = nn.Conv2d(inputs, 64, 5, padding=2)
            return [convolution, nn.ReLU(), nn.MaxPool2d(3, 2, padding=1), normalization]

        self.features = nn.Sequential(*stage(input_shape[0]), *stage(64), nn.Flatten())
        flat = prod(output_shape(self.features, input_shape))
        self.hidden = nn.Sequential(
            *(nn.Linear(flat, 384), nn.ReLU(), nn.Dropout(dropout)),
            *(nn.Linear(384, 192), nn.ReLU(), nn.Dropout(dropout)),
        )
        self.head = nn.Linear(192, classes)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.hidden(self.features(images)))
        return logits
