"""Pair-flip label noise."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.sample_random import events
from nullfit.corruptions.setting_range import check_unit_interval
from nullfit.ranges import Probability
from nullfit.seeds import derive


@changes("labels")
def pair_flip_labels(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    probability: Probability = 0.45,
) -> Corrupted:
    """Turn class c, independently with ``probability``, into class c + 1, the last into class 0.

    Label noise that depends on the class: Han et al., *Co-teaching*, NeurIPS 2018,
    arXiv 1804.06872, section 4. With the same seed, the labels flipped at one probability are
    flipped at every higher one.

    Raises:
        UserError: ``probability`` is not in [0, 1].
    """
    check_unit_interval("probability", probability)
    origin = origin or Origin.of(images, labels)
    own = numbers(origin, len(labels))
    key = derive(seed, "pair_flip_labels")
    flipped = events(key, own, probability).to(labels.device)
    next_class = (labels + 1) % origin.classes
    return Corrupted.compared(images, labels, images, torch.where(flipped, next_class, labels))
