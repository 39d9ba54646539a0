"""``model=mlp`` and its fixed sizes ``mlp_1x512``, ``mlp_3x512``, ``mlp_128x64``."""

from itertools import pairwise
from math import prod
from typing import Annotated

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from nullfit.models.initialization import initialize
from nullfit.ranges import DropoutProbability, PositiveInt


class MLP(nn.Module):
    """Fully connected ReLU network on the flattened image.

    ``hidden`` lists the widths of the hidden layers, from the input on; an empty list makes a
    linear classifier. Dropout follows each hidden layer. The study's networks have one and three
    hidden layers of 512 units: 1,209,866 and 1,735,178 parameters at 28×28×3.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        classes: int,
        *,
        hidden: Annotated[list[PositiveInt], Field(max_length=1000)] = [512],  # noqa: B006 (it stays)
        bias: bool = True,
        dropout: DropoutProbability = 0.0,
    ) -> None:
        super().__init__()
        widths = [prod(input_shape), *hidden]
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise(widths):
            layers += [nn.Linear(inputs, outputs, bias=bias), nn.ReLU(), nn.Dropout(dropout)]
        self.hidden = nn.Sequential(*layers)
        self.head = nn.Linear(widths[-1], classes, bias=bias)
        initialize(self, self.head)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.hidden(images))
        return logits
