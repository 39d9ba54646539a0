"""Several corruptions in a row."""

from collections.abc import Sequence

from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Corruption, Origin
from nullfit.corruptions.step import Step, corrupt


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
    original data. In a run each step has its own splits: `corrupt` takes them as they are.
    """
    origin = origin or Origin.of(images, labels)
    placed = [Step(step, "both", position) for position, step in enumerate(steps)]
    return corrupt(images, labels, placed, seed, "train", origin)
