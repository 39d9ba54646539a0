"""Train a stack of networks from their first weights to their last, with nothing written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from nullfit.data.loader import batch_sizes
from nullfit.errors import UserError
from nullfit.fused.dropout import Masks, drops
from nullfit.fused.gradients import Loss, gradients
from nullfit.fused.optimizers import stacked_optimizer
from nullfit.fused.stack import Stack
from nullfit.optimizers import MakeOptimizer
from nullfit.schedules import MakeSchedule
from nullfit.seeds import generator

Advance = Callable[[int], None]


def silent(samples: int) -> None:
    """An `Advance` that counts nothing."""


Ended = Callable[[int, Float[Tensor, " m"]], bool]


def never(epoch: int, losses: Float[Tensor, " m"]) -> bool:
    """An `Ended` that lets a training go on to its last epoch."""
    return False


@runtime_checkable
class StackData(Protocol):
    """What m networks are trained on, n places each. All see places in the same order."""

    @property
    def targets(self) -> Tensor:
        """Those of every network, (m, n)."""

    @property
    def shared(self) -> bool:
        """Whether a place holds the same input for all networks."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one sample."""

    def batch(self, chosen: Int64[Tensor, " b"], /) -> Float[Tensor, "..."]:
        """The inputs of some places: (b, …) if they are shared, else (m, b, …)."""


@dataclass(frozen=True)
class Hyperparameters:
    """How every network of a stack is trained.

    The order of places follows from (seed, epoch) alone and is the same for all networks, so
    that nothing but the data and first weights tells them apart.
    """

    optimizer: MakeOptimizer
    schedule: MakeSchedule
    epochs: int
    batch_size: int
    seed: int


def train(
    stack: Stack,
    data: StackData,
    training: Hyperparameters,
    loss: Loss,
    advance: Advance = silent,
    ended: Ended = never,
) -> None:
    """Train the networks in place; ``advance`` gets the places of each step times networks.

    ``ended`` gets the number of each epoch, from 0, and each network's mean loss over its batches,
    and says whether it was the last one.

    Raises:
        UserError: a loss is not finite any more.
    """
    optimizer = stacked_optimizer(stack, [training.optimizer] * len(stack))
    targets, places = data.targets, data.targets.shape[1]
    sizes = batch_sizes(places, training.batch_size)
    # torch's schedules move the rate of one ordinary optimizer, which the stack's follows.
    leader = training.optimizer(list(stack.template.parameters()))
    schedule = training.schedule(leader, training.epochs, len(sizes), places)
    masks = Masks(stack, data.input_shape) if drops(stack.template) else None
    for epoch in range(training.epochs):
        draws = generator(training.seed, "order", epoch)
        order = torch.randperm(places, generator=draws).to(targets.device)
        dropped = [generator(training.seed, "dropout", epoch)] * len(stack)
        total = torch.zeros(len(stack), device=order.device)
        for chosen in torch.split(order, sizes):
            optimizer.learning_rates.fill_(leader.param_groups[0]["lr"])
            if masks is not None:
                masks.draw(dropped, len(chosen))
            of_batch = targets[:, chosen]
            found, losses, _ = gradients(stack, data.batch(chosen), of_batch, loss, data.shared)
            optimizer.step(found)
            total += losses
            if schedule.interval == "step":
                _move(leader, schedule.scheduler)
            advance(len(chosen) * len(stack))
        _refuse_divergence(total, epoch)
        if ended(epoch, total / len(sizes)):
            break
        if schedule.interval == "epoch":
            _move(leader, schedule.scheduler)
    for name in stack.buffers:
        if masks is not None and name.endswith(".mask"):  # of no batch any more
            stack.buffers[name] = torch.ones(len(stack), device=total.device)


def _move(leader: torch.optim.Optimizer, scheduler: torch.optim.lr_scheduler.LRScheduler) -> None:
    leader.step()  # moves nothing, having no gradients; the scheduler minds if it is left out
    scheduler.step()


def _refuse_divergence(losses: Tensor, epoch: int) -> None:
    diverged = int((~losses.isfinite()).sum())
    if diverged:
        raise UserError(
            f"The loss of {diverged} of {len(losses)} networks is not finite any more in epoch "
            f"{epoch + 1}: lower optimizer.lr."
        )
