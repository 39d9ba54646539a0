"""Label noise between classes that are alike."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.class_maps import class_map
from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.sample_random import events
from nullfit.corruptions.setting_range import check_unit_interval
from nullfit.ranges import Probability
from nullfit.seeds import derive


@changes("labels")
def asymmetric_labels(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    probability: Probability = 0.4,
    classes: str | dict[str | int, str | int] | None = None,
) -> Corrupted:
    """Turn labels, independently with ``probability``, into the class that theirs is taken for.

    ``classes`` says which that is, by names or numbers; what it leaves out keeps its labels, so
    that ``cifar10``, where five of ten classes turn, changes half as many labels as the
    probability says. Known maps are ``mnist``, ``cifar10`` and ``cifar100`` of Patrini et al., CVPR
    2017, arXiv 1609.03683; None takes the one of data with these names of classes. With the same
    seed, the labels flipped at one probability are flipped at every higher one.

    Raises:
        UserError: ``probability`` is not in [0, 1], there is no such map, or no such class.
    """
    check_unit_interval("probability", probability)
    origin = origin or Origin.of(images, labels)
    becomes = torch.arange(origin.classes)
    for before, after in class_map(classes, origin.names).items():
        becomes[before] = after
    key = derive(seed, "asymmetric_labels")
    flipped = events(key, numbers(origin, len(labels)), probability).to(labels.device)
    other_class = becomes.to(labels.device)[labels]
    return Corrupted.compared(images, labels, images, torch.where(flipped, other_class, labels))
