"""The optimizers of ``conf/optimizer/``: torch's own, and SGD with noise.

Weight decay is a regularizer here (``regularizer=weight_decay``), so that it means the same
whichever optimizer is chosen; the program hands its coefficient in.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import torch
from annotated_types import Len
from torch import Tensor, nn

from nullfit.ranges import Decay, NonNegative, Positive
from nullfit.seeds import generator

# From the weights of a network.
MakeOptimizer = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


def sgd(
    weights: Iterable[nn.Parameter],
    weight_decay: float = 0.0,
    *,
    lr: Positive = 0.1,
    momentum: Decay = 0.9,
    nesterov: bool = False,
) -> torch.optim.Optimizer:
    """Stochastic gradient descent, as Zhang et al. 2017 trained everything (appendix A)."""
    weights = list(weights)
    return torch.optim.SGD(
        weights,
        lr=lr,
        momentum=momentum,
        nesterov=nesterov,
        weight_decay=weight_decay,
        fused=_fused(weights),
    )


def noisy_sgd(
    weights: Iterable[nn.Parameter],
    weight_decay: float,
    seed: int,
    *,
    lr: Positive = 0.1,
    momentum: Decay = 0.9,
    nesterov: bool = False,
    noise_std: NonNegative = 0.05,
) -> torch.optim.Optimizer:
    """`NoisySGD`: stochastic gradient descent whose every step adds noise to the weights."""
    weights = list(weights)
    return NoisySGD(weights, lr, momentum, nesterov, weight_decay, noise_std, seed)


class NoisySGD(torch.optim.SGD):
    """SGD whose every step also moves each weight by lr · ``noise_std`` · N(0, 1).

    The noise stays in the weights, as in a public variant of the label-noise code of Zhang et al.
    2017 (with 0.05). The draws follow from ``seed`` and the number of the step, so that a training
    that was interrupted goes on with the same.
    """

    def __init__(
        self,
        weights: Sequence[nn.Parameter],
        lr: float,
        momentum: float,
        nesterov: bool,
        weight_decay: float,
        noise_std: float,
        seed: int,
    ) -> None:
        super().__init__(
            weights,
            lr,
            momentum,
            nesterov=nesterov,
            weight_decay=weight_decay,
            fused=_fused(weights),
        )
        for group in self.param_groups:
            group.update(noise_std=noise_std, seed=seed)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One step of SGD, and the noise of its number; without gradients nothing moves."""
        loss = super().step(closure)
        for group in self.param_groups:
            moved = [weight for weight in group["params"] if weight.grad is not None]
            steps = [self._counted(weight) for weight in moved]
            draw = StepNoise(group["seed"], max(steps, default=0))
            for weight in moved:
                weight.add_(draw(weight), alpha=-group["lr"] * group["noise_std"])
        return loss

    def _counted(self, weight: nn.Parameter) -> int:
        """The number of this step; torch's own state has none."""
        state = self.state[weight]
        state["step"] = state.get("step", torch.zeros(())) + 1
        return int(state["step"])


class StepNoise:
    """The noise of one step: called for each of a network's weights in their order."""

    def __init__(self, seed: int, step: int) -> None:
        self._random = generator(seed, "noise", step)

    def __call__(self, like: Tensor) -> Tensor:
        """Standard normal values in the shape of ``like``, whatever its layout and device."""
        drawn = torch.randn(like.shape, generator=self._random, dtype=torch.float32)
        return drawn.to(like)


def adam(
    weights: Iterable[nn.Parameter],
    weight_decay: float = 0.0,
    *,
    lr: Positive = 0.001,
    betas: Annotated[list[Decay], Len(2, 2)] = [0.9, 0.999],  # noqa: B006 (it stays)
) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015), weight decay as an ℓ2 penalty in the gradient."""
    weights = list(weights)
    return torch.optim.Adam(
        weights,
        lr=lr,
        betas=(betas[0], betas[1]),
        weight_decay=weight_decay,
        fused=_fused(weights),
    )


def adamw(
    weights: Iterable[nn.Parameter],
    weight_decay: float = 0.0,
    *,
    lr: Positive = 0.001,
    betas: Annotated[list[Decay], Len(2, 2)] = [0.9, 0.999],  # noqa: B006 (it stays)
) -> torch.optim.Optimizer:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""
    weights = list(weights)
    return torch.optim.AdamW(
        weights,
        lr=lr,
        betas=(betas[0], betas[1]),
        weight_decay=weight_decay,
        fused=_fused(weights),
    )


def _fused(weights: Sequence[nn.Parameter]) -> bool | None:
    """One kernel for all of an update, where torch has it; None leaves the choice to torch.

    A step of Adam takes a third of the time, on a CPU as well. The kernel for CPUs takes it for
    granted that a gradient is laid out in memory as its weight; autograd sees to that.
    """
    kinds = {weight.device.type for weight in weights}
    return True if kinds in ({"cpu"}, {"cuda"}) else None
