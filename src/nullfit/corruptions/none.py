"""True data."""

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Origin, changes


@changes()
def none(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
) -> Corrupted:
    """Leave everything as it is: the true data, against which the others are held."""
    return Corrupted.compared(images, labels, images, labels)
