"""torch's optimizers for stacked weights, with settings of each network's own.

The updates are those of `torch.optim.SGD`, `Adam` and `AdamW`, operation by operation; a setting
is a number where all networks share it and a tensor (m, 1, …) where they do not.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from nullfit.fused.stack import Stack, Tensors
from nullfit.optimizers import MakeOptimizer, NoisySGD, StepNoise

Setting = float | Tensor


class StackedOptimizer(ABC):
    """Moves the weights of a stack.

    ``settings`` maps each setting of torch's optimizer to its values (m,) in float64;
    ``learning_rates`` are those of "lr" and may be changed between steps. ``state`` holds, by the
    names that torch's optimizer has for them, tensors by weight name.
    """

    kind: ClassVar[type[Optimizer]]
    buffers: ClassVar[tuple[str, ...]]
    numbers: ClassVar[tuple[str, ...]]

    def __init__(self, stack: Stack, groups: Sequence[dict[str, Any]]) -> None:
        self.stack = stack
        self.settings = {
            name: torch.tensor([float(group[name]) for group in groups], dtype=torch.float64)
            for name in self.numbers
        }
        self.state: dict[str, Tensors] = {
            name: {key: torch.zeros_like(weight) for key, weight in stack.weights.items()}
            for name in self.buffers
        }
        self.steps = torch.zeros(len(groups), dtype=torch.float64)

    @property
    def learning_rates(self) -> Tensor:
        """The learning rate of each network, float64 (m,)."""
        return self.settings["lr"]

    @torch.no_grad()
    def step(self, gradients: Tensors) -> None:
        """Move every weight once; ``gradients`` may be overwritten."""
        self.steps += 1
        self._now = {name: _one_number(values) for name, values in self.settings.items()}
        for name, weight in self.stack.weights.items():
            self.update(name, weight, gradients[name])

    @abstractmethod
    def update(self, name: str, weight: Tensor, gradient: Tensor) -> None:
        """Move the weight of one name in all networks."""

    def setting(self, name: str, like: Tensor) -> Setting:
        """A setting for weights shaped as ``like``: one number if all networks have the same."""
        number = self._now[name]
        return _spread(self.settings[name], like) if number is None else number

    def copy_to(self, member: int, optimizer: Optimizer, network: nn.Module) -> None:
        """Write one network's state into torch's own optimizer of its parameters."""
        for name, weight in network.named_parameters():
            state = {key: values[name][member].clone() for key, values in self.state.items()}
            optimizer.state[weight] = self._with_step(state, float(self.steps[member]))

    def copy_from(self, member: int, optimizer: Optimizer, network: nn.Module) -> None:
        """Take one network's state from torch's own optimizer of its parameters."""
        for name, weight in network.named_parameters():
            for key, value in optimizer.state.get(weight, {}).items():
                if key == "step":
                    self.steps[member] = float(value)
                elif isinstance(value, Tensor):
                    self.state[key][name][member] = value

    def _with_step(self, state: dict[str, Any], steps: float) -> dict[str, Any]:
        return state


class StackedSGD(StackedOptimizer):
    """`torch.optim.SGD`."""

    kind: ClassVar[type[Optimizer]] = torch.optim.SGD
    buffers = ("momentum_buffer",)
    numbers: ClassVar[tuple[str, ...]] = ("lr", "momentum", "weight_decay", "nesterov")

    def update(self, name: str, weight: Tensor, gradient: Tensor) -> None:
        """As torch does: penalty, momentum (first step: the gradient), Nesterov's look ahead."""
        decay = self.setting("weight_decay", weight)
        if isinstance(decay, Tensor) or decay:
            gradient = _plus(gradient, weight, decay)
        momentum = self.setting("momentum", weight)
        buffer = self.state["momentum_buffer"][name].mul_(momentum).add_(gradient)
        nesterov = self.setting("nesterov", weight)
        if isinstance(nesterov, Tensor):
            buffer = torch.where(nesterov > 0, _plus(gradient, buffer, momentum), buffer)
        elif nesterov:
            buffer = _plus(gradient, buffer, momentum)
        lr = self.setting("lr", weight)
        if isinstance(lr, Tensor):
            weight.addcmul_(buffer, -lr)
        else:
            weight.add_(buffer, alpha=-lr)


class StackedNoisySGD(StackedSGD):
    """`NoisySGD`, with the noise that each network would get alone."""

    kind: ClassVar[type[Optimizer]] = NoisySGD
    numbers = (*StackedSGD.numbers, "noise_std")

    def __init__(self, stack: Stack, groups: Sequence[dict[str, Any]]) -> None:
        super().__init__(stack, groups)
        self._seeds = [int(group["seed"]) for group in groups]

    def step(self, gradients: Tensors) -> None:
        """Move every weight once; ``gradients`` may be overwritten."""
        numbers = (self.steps + 1).tolist()
        keys = zip(self._seeds, map(int, numbers), strict=True)
        self._members = [*keys]
        self._draws = {key: StepNoise(*key) for key in self._members}
        super().step(gradients)

    def update(self, name: str, weight: Tensor, gradient: Tensor) -> None:
        """As SGD does, and the noise; networks of one seed draw it once."""
        super().update(name, weight, gradient)
        drawn = {key: draw(weight[0]) for key, draw in self._draws.items()}
        noise = torch.stack([drawn[key] for key in self._members])
        scale = _setting(self.settings["lr"] * self.settings["noise_std"], weight)
        weight.sub_(noise.mul_(scale))

    def _with_step(self, state: dict[str, Any], steps: float) -> dict[str, Any]:
        return {"step": torch.tensor(steps), **state}


class StackedAdam(StackedOptimizer):
    """`torch.optim.Adam`."""

    kind: ClassVar[type[Optimizer]] = torch.optim.Adam
    buffers = ("exp_avg", "exp_avg_sq")
    numbers = ("lr", "beta1", "beta2", "eps", "weight_decay")

    def __init__(self, stack: Stack, groups: Sequence[dict[str, Any]]) -> None:
        named = [{**g, "beta1": g["betas"][0], "beta2": g["betas"][1]} for g in groups]
        super().__init__(stack, named)

    def update(self, name: str, weight: Tensor, gradient: Tensor) -> None:
        """As torch does, with the penalty where the variant has it."""
        gradient = self.decayed(weight, gradient)
        beta1, beta2 = self.settings["beta1"], self.settings["beta2"]
        mean, square = self.state["exp_avg"][name], self.state["exp_avg_sq"][name]
        _lerp_(mean, gradient, _setting(1 - beta1, weight))
        _lerp_(square, gradient.square(), _setting(1 - beta2, weight))
        size = _setting(self.settings["lr"] / (1 - beta1**self.steps), weight)
        root = _setting((1 - beta2**self.steps).sqrt(), weight)
        scale = square.sqrt().div_(root).add_(self.setting("eps", weight))
        weight.sub_(mean.div(scale).mul_(size))

    def decayed(self, weight: Tensor, gradient: Tensor) -> Tensor:
        """The gradient with the ℓ2 penalty's."""
        decay = self.setting("weight_decay", weight)
        return _plus(gradient, weight, decay) if isinstance(decay, Tensor) or decay else gradient

    def _with_step(self, state: dict[str, Any], steps: float) -> dict[str, Any]:
        return {"step": torch.tensor(steps), **state}


class StackedAdamW(StackedAdam):
    """`torch.optim.AdamW`: decay of the weights themselves."""

    kind = torch.optim.AdamW

    def decayed(self, weight: Tensor, gradient: Tensor) -> Tensor:
        """Shrink the weights; the gradient stays."""
        shrink = 1 - self.settings["lr"] * self.settings["weight_decay"]
        weight.mul_(_setting(shrink, weight))
        return gradient


_KINDS: tuple[type[StackedOptimizer], ...] = (
    StackedSGD,
    StackedNoisySGD,
    StackedAdam,
    StackedAdamW,
)


def stacked_kind(optimizer: Optimizer) -> type[StackedOptimizer] | None:
    """The stacked form of an optimizer, or None if it has none."""
    return next((kind for kind in _KINDS if kind.kind is type(optimizer)), None)


def stacked_optimizer(stack: Stack, makers: Sequence[MakeOptimizer]) -> StackedOptimizer:
    """One optimizer for a stack, from what would make each network's own.

    Raises:
        ValueError: the optimizers are not all of one kind that can be stacked.
    """
    own = [maker(list(stack.template.parameters())) for maker in makers]
    kinds = {stacked_kind(optimizer) for optimizer in own}
    kind = kinds.pop()
    if kind is None or kinds:
        names = sorted({type(optimizer).__name__ for optimizer in own})
        raise ValueError(f"optimizers that cannot be stacked: {', '.join(names)}")
    return kind(stack, [optimizer.param_groups[0] for optimizer in own])


def _one_number(values: Tensor) -> float | None:
    """The number that all values are, or None."""
    first, *others = values.tolist()
    return first if all(other == first for other in others) else None


def _setting(values: Tensor, like: Tensor) -> Setting:
    """The one number that all values are, or they themselves as `_spread` gives them."""
    number = _one_number(values)
    return _spread(values, like) if number is None else number


def _spread(values: Tensor, like: Tensor) -> Tensor:
    """(m,) values made to broadcast against (m, …)."""
    return values.to(like.device, like.dtype).view(-1, *[1] * (like.ndim - 1))


def _plus(first: Tensor, second: Tensor, factor: Setting) -> Tensor:
    """``first + factor · second``."""
    if isinstance(factor, Tensor):
        return torch.addcmul(first, second, factor)
    return torch.add(first, second, alpha=factor)


def _lerp_(values: Tensor, end: Tensor, share: Setting) -> None:
    if isinstance(share, Tensor):
        values.lerp_(end, share.expand_as(values))
    else:
        values.lerp_(end, share)
