"""Points that occur more than once."""

import hashlib

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from nullfit.errors import UserError


def distinct_points(
    images: Float[Tensor, "n c h w"], labels: Int64[Tensor, " n"]
) -> Int64[Tensor, " distinct"]:
    """The position of each point's first occurrence, ascending.

    Raises:
        UserError: equal points have different labels, which no function fits.
    """
    first: dict[bytes, int] = {}
    conflicts = []
    given = labels.tolist()
    # Adding zero makes -0 and 0, which are equal, equal in their bytes.
    for position, image in enumerate(images.cpu().flatten(1) + 0.0):
        key = hashlib.blake2b(image.numpy().tobytes(), digest_size=16).digest()
        earlier = first.setdefault(key, position)
        if given[earlier] != given[position]:
            conflicts.append((earlier, position))
    if conflicts:
        i, j = conflicts[0]
        more = f" ({len(conflicts) - 1} more such pairs)" if len(conflicts) > 1 else ""
        raise UserError(
            f"training images {i} and {j} are equal, with labels {given[i]} and {given[j]}{more}: "
            "no function fits both.\n"
            "Leave them out (data.train_limit), or choose a corruption that keeps them apart."
        )
    return torch.tensor(list(first.values()))
