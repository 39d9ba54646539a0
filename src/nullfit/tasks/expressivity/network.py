"""The network of the theorem."""

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

# Hidden values that are worked out at a time: they stay in a core's cache, and torch does not
# split so few among threads, which would spend their time waiting for each other.
_VALUES_PER_BLOCK = 2**15
_UNITS_PER_BLOCK = 2**11


class InterpolatingNetwork(nn.Module):
    """c(x) = Σ_j w_j max(⟨a, x⟩ − b_j, 0), a two-layer ReLU network whose units share a.

    It has 2n + d weights: a in ``direction`` (d), b in ``biases`` (n), w in ``weights`` (n). Its
    one output is read as a class by the nearest of 0, 1, …, classes − 1; the logits −(c(x) − k)²
    say just that, so that it is evaluated like any other classifier. All of it is in float64.
    """

    def __init__(
        self,
        direction: Float64[Tensor, " d"],
        biases: Float64[Tensor, " n"],
        weights: Float64[Tensor, " n"],
        classes: int,
    ) -> None:
        super().__init__()
        self.direction = nn.Parameter(direction)
        self.biases = nn.Parameter(biases)
        self.weights = nn.Parameter(weights)
        self.classes = classes

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float64[Tensor, "n classes"]:
        """Logits."""
        classes = torch.arange(self.classes, device=images.device)
        return (self.value(images)[:, None] - classes).square().neg()

    def value(self, images: Float[Tensor, "n c h w"]) -> Float64[Tensor, " n"]:
        """c(x) of each image, in O(1) memory beside images and weights."""
        projections = project(images, self.direction)
        units = min(len(self.biases), _UNITS_PER_BLOCK)
        parts = projections.split(max(1, _VALUES_PER_BLOCK // units))
        return torch.cat([self._along(part, units) for part in parts])

    def _along(self, projections: Tensor, units: int) -> Tensor:
        total = torch.zeros_like(projections)
        blocks = zip(self.biases.split(units), self.weights.split(units), strict=True)
        for biases, weights in blocks:
            total = total + (projections[:, None] - biases).relu() @ weights
        return total


def project(
    images: Float[Tensor, "n c h w"], direction: Float64[Tensor, " d"]
) -> Float64[Tensor, " n"]:
    """⟨a, x⟩ of each image, in blocks, since a float64 copy of all images may be large."""
    return torch.cat([block.flatten(1).double() @ direction for block in images.split(1024)])
