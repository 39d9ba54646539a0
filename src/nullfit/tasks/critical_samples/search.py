"""Whether a box around a sample has another answer, and how steep its loss is.

Arpit, Jastrzębski, Ballas, Krueger, Bengio, Kanwal, Maharaj, Fischer, Courville, Bengio,
Lacoste-Julien, "A Closer Look at Memorization in Deep Networks" (ICML 2017, arXiv 1706.05394).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Generator, Tensor, nn

from nullfit.losses import Loss


@dataclass(frozen=True)
class Box:
    """Where and how another answer is sought; all but ``steps`` in units of a pixel's range, 1.

    Attributes:
        radius: the most that a pixel may change.
        step: by which each pixel moves against the answer, the paper's α.
        noise: standard deviation of what is added to each pixel and step, its β.
        steps: at most.
    """

    radius: float
    step: float
    noise: float
    steps: int


def critical(
    network: nn.Module,
    images: Float[Tensor, "n c h w"],
    divisors: Float[Tensor, "n c 1 1"],
    box: Box,
    generator: Generator,
) -> Bool[Tensor, " n"]:
    """Which samples have another answer of the network within the box, as far as the search sees.

    Langevin adversarial sample search (Arpit et al. 2017, algorithm 1): each step moves all pixels
    by ``step`` in the direction in which the cross-entropy of the own answer grows, adds noise and
    returns to the box. A sample is critical once its answer is another one after any step; one that
    is not may only not have been found. The ``network`` is in evaluation mode; ``divisors`` are
    what whitening divided the ``images`` by, which take the box into their units. ``generator`` is
    one of the CPU, that draws for all images in each step.
    """
    radius, step, noise = (part / divisors for part in (box.radius, box.step, box.noise))
    found = torch.zeros(len(images), dtype=torch.bool, device=images.device)
    with torch.no_grad():
        answers = network(images).argmax(1)
    place = images.clone()
    for _ in range(box.steps):
        left = (~found).nonzero().flatten()
        draws = torch.randn(images.shape, generator=generator, dtype=torch.float32)
        if not len(left):
            break
        slopes = slopes_of(network, place[left], answers[left], _log_odds)
        moved = place[left] + step[left] * slopes.sign() + noise[left] * draws.to(images)[left]
        low, high = images[left] - radius[left], images[left] + radius[left]
        place[left] = moved.clamp(low, high)
        with torch.no_grad():
            found[left] = network(place[left]).argmax(1) != answers[left]
    return found


def _log_odds(
    logits: Float[Tensor, "n classes"], labels: Int64[Tensor, " n"], reduction: str
) -> Float[Tensor, " n"]:
    """The logarithm of the odds of all other classes.

    Its slope is that of the cross-entropy but for a positive factor, which rounds to 0 where the
    answer is sure.
    """
    own = labels[:, None]
    others = logits.scatter(1, own, -torch.inf).logsumexp(1)
    return others - logits.gather(1, own)[:, 0]


def loss_sensitivity(
    network: nn.Module,
    images: Float[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    divisors: Float[Tensor, "n c 1 1"],
    loss: Loss,
) -> Float64[Tensor, " n"]:
    """‖∂L/∂x‖₁ of each sample, x in units of a pixel's range (Arpit et al. 2017, section 3.2)."""
    slopes = slopes_of(network, images, labels, loss)
    return (slopes / divisors).abs().double().flatten(1).sum(1)


def slopes_of(
    network: nn.Module, images: Float[Tensor, "n c h w"], labels: Int64[Tensor, " n"], loss: Loss
) -> Float[Tensor, "n c h w"]:
    """∂L/∂x of each sample by a network in evaluation mode.

    Of a small loss single precision would leave nothing: it is taken in double.
    """
    inputs = images.detach().requires_grad_()
    with torch.enable_grad():
        total = loss(network(inputs).double(), labels, "none").sum()
    (found,) = torch.autograd.grad(total, inputs)
    return found


def gini(values: Float64[Tensor, " n"]) -> float:
    """How unequal non-negative values are: 0 if all are equal, near 1 if one has all.

    The mean difference of all pairs over twice the mean. NaN if all are 0 or there are none.
    """
    rising, n = values.sort().values, len(values)
    ranks = torch.arange(1, n + 1, dtype=torch.float64, device=values.device)
    return float(((2 * ranks - n - 1) * rising).sum() / (n * rising.sum()))
