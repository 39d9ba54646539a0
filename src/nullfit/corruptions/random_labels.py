"""Random labels."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.sample_random import events, integers
from nullfit.corruptions.setting_range import check_unit_interval
from nullfit.ranges import Probability
from nullfit.seeds import derive


@changes("labels")
def random_labels(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    probability: Probability = 1.0,
    always_change: bool = False,
) -> Corrupted:
    """Replace each label, independently with ``probability``, by a uniformly random class.

    The random class may be the true one: at probability 1, 90 % of the labels of ten balanced
    classes change. With ``always_change`` it is one of the other classes, so that the probability
    is the share of labels that change: the symmetric noise of noisy-label papers. With the same
    seed, the labels replaced at one probability are replaced by the same classes at every higher
    one. Zhang et al., ICLR 2017, arXiv 1611.03530, section 2.

    Raises:
        UserError: ``probability`` is not in [0, 1].
    """
    check_unit_interval("probability", probability)
    origin = origin or Origin.of(images, labels)
    own = numbers(origin, len(labels))
    key = derive(seed, "random_labels", "replaced")
    replaced = events(key, own, probability).to(labels.device)
    key = derive(seed, "random_labels", "class")
    if always_change:
        steps = 1 + integers(key, own, origin.classes - 1).to(labels.device)
        classes = (labels + steps) % origin.classes
    else:
        classes = integers(key, own, origin.classes).to(labels.device)
    return Corrupted.compared(images, labels, images, torch.where(replaced, classes, labels))
