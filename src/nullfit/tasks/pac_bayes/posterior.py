"""A Gaussian around trained weights, and what is minimized to make the bound small.

After Dziugaite & Roy 2017 (arXiv 1703.11008), section 3: the cross-entropy of one noisy network for
each mini-batch, and the square root of half the complexity.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.func import functional_call

from nullfit.losses import cross_entropy
from nullfit.tasks.pac_bayes.bound import Priors, complexity

_LN2 = math.log(2)


@dataclass(frozen=True)
class Posterior:
    """Independent normal weights: N(mean, deviation²), beside the prior N(start, λ).

    All are vectors of the network's weights, one tensor after the other. ``start`` are the initial
    weights, which no training sample has touched: only then does the bound hold.
    """

    network: nn.Module
    start: Float[Tensor, " d"]
    mean: Float[Tensor, " d"]
    log_deviation: Float[Tensor, " d"]

    @classmethod
    def around(
        cls, network: nn.Module, start: Mapping[str, Tensor], deviation: float
    ) -> "Posterior":
        """Around a network as it is, with one standard deviation to begin with.

        ``deviation`` is told in root mean squares of the initial weights.
        """
        weights = dict(network.named_parameters())
        began = _flat(start[name] for name in weights)
        mean = _flat(weight.detach() for weight in weights.values())
        deviations = torch.full_like(mean, deviation) * began.square().mean().sqrt()
        return cls(network, began, mean, deviations.log())

    def logits(
        self, weights: Float[Tensor, " d"], images: Float[Tensor, "n c h w"]
    ) -> Float[Tensor, "n classes"]:
        """What the network with these weights makes of images."""
        named, place = {}, 0
        for name, own in self.network.named_parameters():
            named[name] = weights[place : place + own.numel()].view_as(own)
            place += own.numel()
        logits: Tensor = functional_call(self.network, named, (images,))
        return logits

    def draw(self, random: torch.Generator) -> Float[Tensor, " d"]:
        """Weights with noise; the gradient reaches mean and deviation."""
        noise = torch.randn(self.mean.shape, generator=random, dtype=self.mean.dtype)
        return self.mean + noise.to(self.mean.device) * self.log_deviation.exp()

    def square(self) -> Float[Tensor, ""]:
        """Σ deviation² + ‖mean − start‖²; divided by d it is the λ of least divergence."""
        squares = (2 * self.log_deviation).exp() + (self.mean - self.start).square()
        return squares.sum(dtype=torch.float64)

    def kl(self, log_variance: Float[Tensor, ""]) -> Float[Tensor, ""]:
        """KL(N(mean, deviation²) ‖ N(start, λ)) in nats, ``log_variance`` being ln λ.

        Summed in double precision: hundreds of thousands of terms cancel.
        """
        logs = len(self.mean) * log_variance - 2 * self.log_deviation.sum(dtype=torch.float64)
        return 0.5 * (self.square() / log_variance.exp() - len(self.mean) + logs)


def _flat(tensors: Iterable[Tensor]) -> Float[Tensor, " d"]:
    return torch.cat([tensor.flatten() for tensor in tensors])


@dataclass(frozen=True)
class Objective:
    """What is minimized, for m training ``samples``: surrogate error and √(B/2)."""

    samples: int
    delta: float
    priors: Priors

    def surrogate(
        self, logits: Float[Tensor, "n classes"], labels: Int64[Tensor, " n"]
    ) -> Float[Tensor, ""]:
        """Cross-entropy divided by ln 2, which bounds the error.

        Wherever the label is not the likeliest class, of however many, it is at least 1.
        """
        return cross_entropy(logits, labels) / _LN2

    def penalty(self, posterior: Posterior) -> Float[Tensor, ""]:
        """√(B/2) as a function of mean and deviation.

        λ is that of the least divergence: it may lie between two priors, not above the largest.
        """
        log_variance = self._log_variance(posterior)
        place = self.priors.b * (math.log(self.priors.c) - log_variance)
        terms = posterior.kl(log_variance) + 2 * place.log()
        fixed = complexity(0.0, self.samples, self.delta, self.priors.cost(1))
        return ((terms / (self.samples - 1) + fixed) / 2).sqrt()

    @torch.no_grad()
    def chosen(self, posterior: Posterior) -> "Chosen":
        """The prior that serves best."""
        found = []
        for j in self.priors.beside(float(self._log_variance(posterior).exp())):
            log_variance = posterior.mean.new_tensor(
                math.log(self.priors.variance(j)), dtype=torch.float64
            )
            kl = float(posterior.kl(log_variance))
            cost = self.priors.cost(j)
            found.append(Chosen(complexity(kl, self.samples, self.delta, cost), j, kl))
        return min(found, key=lambda one: one.complexity)

    def _log_variance(self, posterior: Posterior) -> Float[Tensor, ""]:
        best = (posterior.square() / len(posterior.mean)).log()
        return best.clamp(max=math.log(self.priors.largest))


@dataclass(frozen=True)
class Chosen:
    """A prior by its number j, with the divergence of a posterior from it, and B."""

    complexity: float
    j: int
    kl: float
