"""Added Gaussian noise."""

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.blockwise import blockwise
from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.sample_random import normal
from nullfit.corruptions.setting_range import check_not_negative
from nullfit.ranges import NonNegative
from nullfit.seeds import derive


@changes("images")
def gaussian_noise(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    sigma: NonNegative = 0.1,
) -> Corrupted:
    """Add Gaussian noise of standard deviation ``sigma`` (on the [0, 1] scale) to each value.

    The sum is not clipped, so values lie outside [0, 1]. With the same seed, another ``sigma``
    scales the same noise.

    Raises:
        UserError: ``sigma`` is negative or not finite.
    """
    check_not_negative("sigma", sigma)
    key = derive(seed, "gaussian_noise")
    own = numbers(origin, len(labels))

    def noisy(block: slice) -> Tensor:
        drawn = normal(key, own[block], images[block].shape).mul_(sigma)
        return images[block] + drawn.to(images.device)

    return Corrupted.compared(images, labels, blockwise(images, noisy), labels)
