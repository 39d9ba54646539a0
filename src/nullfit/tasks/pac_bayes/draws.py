"""The error of networks whose weights are drawn, estimated by Monte Carlo."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from nullfit.seeds import generator
from nullfit.tasks.pac_bayes.posterior import Posterior

# That each network is tried on. Its noise takes longer than so many images of MNIST.
IMAGES = 50


@dataclass(frozen=True)
class Drawn:
    """Errors of each network that was drawn, on the images that it was tried on."""

    train: Float[Tensor, " draws"]
    test: Float[Tensor, " draws"]


@torch.no_grad()
def draw_errors(
    posterior: Posterior,
    train: tuple[Float[Tensor, "m c h w"], Int64[Tensor, " m"]],
    test: tuple[Float[Tensor, "k c h w"], Int64[Tensor, " k"]],
    *,
    draws: int,
    seed: int,
    advance: Callable[[], None],
) -> Drawn:
    """Errors of independent networks, each on `IMAGES` images of each set, drawn with it.

    They are independent, lie from 0 to 1, and their expectation is the error of the stochastic
    network on the whole set, whatever the size of the batches: their mean can be bounded.
    """
    noise, random = generator(seed, "pac_bayes", "draws"), generator(seed, "pac_bayes", "images")
    found = torch.empty(2, draws)
    for number in range(draws):
        batches = [
            (images[chosen.to(images.device)], labels[chosen.to(labels.device)])
            for images, labels in (train, test)
            for chosen in [torch.randint(len(labels), (IMAGES,), generator=random)]
        ]
        together = torch.cat([images for images, _ in batches]).to(posterior.mean.device)
        answers = posterior.logits(posterior.draw(noise), together).argmax(1).cpu()
        labels = torch.cat([labels for _, labels in batches]).cpu()
        found[:, number] = (answers != labels).float().view(2, IMAGES).mean(1)
        advance()
    return Drawn(found[0], found[1])
