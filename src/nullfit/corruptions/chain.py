"""Several corruptions in a row."""

from collections.abc import Sequence

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Corruption, Origin
from nullfit.seeds import derive


def chain(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    steps: Sequence[Corruption],
) -> Corrupted:
    """Apply ``steps`` one after the other; changed is what differs from the start at the end.

    Each step draws by its position in the chain, so one corruption used twice draws twice. A step
    that is meant for another split is replaced by `none`, not left out: otherwise the later
    ones would draw differently on train and test. All steps see the same ``origin``, that of the
    original data.
    """
    origin = origin or Origin.of(images, labels)
    new_images, new_labels = images, labels
    for position, step in enumerate(steps):
        step_seed = derive(seed, "chain", position)
        new_images, new_labels, _ = step(new_images, new_labels, step_seed, origin)
    return Corrupted.compared(images, labels, new_images, new_labels)
