"""From points and labels to the network that fits them."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from nullfit.errors import UserError
from nullfit.seeds import generator
from nullfit.tasks.expressivity.distinct import distinct_points
from nullfit.tasks.expressivity.interpolation import interleaved, interpolating_weights
from nullfit.tasks.expressivity.network import InterpolatingNetwork, project

# The narrowest gap between projections, over the largest of them: far below it float64 leaves
# residuals that come near half a label. At n = 50,000 one direction in fifty or so falls short.
NARROWEST = 4e-12


@dataclass(frozen=True)
class Construction:
    """The network, and what it was made from.

    ``projections`` are those of the distinct points in ascending order, ``targets`` their labels.
    ``narrowest_gap`` is the smallest difference of two of them over the largest of them.
    """

    network: InterpolatingNetwork
    projections: Float64[Tensor, " n"]
    targets: Float64[Tensor, " n"]
    narrowest_gap: float
    directions_tried: int


def construct(
    images: Float[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    classes: int,
    *,
    seed: int,
    directions: int,
) -> Construction:
    """The network of Theorem 1 for these points (Zhang et al., ICLR 2017, section 4, appendix C).

    Points are projected on a random direction; where two projections cannot be told apart in
    float64 another one is drawn, ``directions`` in all. Equal points with one label count once, so
    the network has twice as many weights as there are distinct points, plus their dimension.

    Raises:
        UserError: equal points have different labels, or no direction keeps all points apart.
    """
    distinct = distinct_points(images, labels)
    points, targets = images[distinct], labels[distinct].double()
    for attempt in range(1, directions + 1):
        random = generator(seed, "expressivity", attempt)
        direction = torch.randn(points[0].numel(), generator=random, dtype=torch.float64)
        direction = (direction / direction.norm()).to(points.device)
        z, order = project(points, direction).sort()
        largest = z.abs().amax().clamp(min=torch.finfo(z.dtype).tiny)
        gaps = z.diff() / largest
        narrowest = float(gaps.min()) if len(gaps) else 1.0
        if narrowest >= NARROWEST:
            y = targets[order]
            b = interleaved(z)
            w = interpolating_weights(z, b, y).to(points.device)
            network = InterpolatingNetwork(direction, b, w, classes)
            return Construction(network, z, y, narrowest, attempt)
    where = int(gaps.argmin())
    i, j = sorted(distinct[order[where : where + 2].cpu()].tolist())
    raise UserError(
        f"training images {i} and {j} project too close together on each of {directions} "
        f"directions: a gap of {narrowest:.1e}, where float64 needs {NARROWEST:.0e}.\n"
        "Raise expressivity.directions, or leave out samples (data.train_limit)."
    )
