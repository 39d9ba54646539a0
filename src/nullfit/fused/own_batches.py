"""Networks that are trained at once, each on samples of its own."""

from dataclasses import dataclass

from jaxtyping import Float, Int64
from torch import Tensor


@dataclass(frozen=True)
class OwnBatches:
    """Each network draws its batches from its own samples: a step has (m, b, …) inputs.

    ``samples`` say which of the ``images`` each network is trained on, in which order of places,
    and ``targets`` as what. What a network computes is what it computes alone on them.
    """

    images: Float[Tensor, "n c h w"]
    samples: Int64[Tensor, "m size"]
    targets: Int64[Tensor, "m size"]
    shared: bool = False

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one image."""
        return tuple(self.images.shape[1:])

    def batch(self, chosen: Int64[Tensor, " b"]) -> Float[Tensor, "m b c h w"]:
        """The images at some places of every network's samples."""
        samples = self.samples[:, chosen]
        images: Tensor = self.images.index_select(0, samples.flatten()).unflatten(0, samples.shape)
        return images
