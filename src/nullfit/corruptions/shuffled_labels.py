"""Shuffled labels."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Origin, changes
from nullfit.corruptions.sample_random import orders
from nullfit.corruptions.setting_range import check_unit_interval
from nullfit.ranges import Fraction
from nullfit.seeds import derive


@changes("labels")
def shuffled_labels(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    fraction: Fraction = 1.0,
) -> Corrupted:
    """Permute the labels of a random ``fraction`` of the samples among them.

    The number of samples of each class stays what it is. This is the one corruption that depends
    on the set as a whole: it must be given all samples at once, and half of the samples give
    another outcome than half of the outcome. With ``data.train_limit`` or ``data.val_fraction``
    the samples that are left to train on are permuted among themselves.

    Raises:
        UserError: ``fraction`` is not in [0, 1].
    """
    check_unit_interval("fraction", fraction)
    key = derive(seed, "shuffled_labels")
    first_index = torch.tensor([origin.first_index if origin else 0])
    order = orders(key, first_index, len(labels))[0].to(labels.device)
    chosen = order[: int(fraction * len(labels) + 0.5)]
    new_labels = labels.clone()
    new_labels[chosen.sort().values] = labels[chosen]
    return Corrupted.compared(images, labels, images, new_labels)
