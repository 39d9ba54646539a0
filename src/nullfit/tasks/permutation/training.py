"""Train a stack of networks, each on its own data, all with the same order of batches."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from nullfit.data.loader import batch_sizes
from nullfit.errors import UserError
from nullfit.fused import Loss, Stack, gradients, stacked_optimizer
from nullfit.fused.dropout import Masks, drops
from nullfit.optimizers import MakeOptimizer
from nullfit.schedules import MakeSchedule
from nullfit.seeds import generator
from nullfit.tasks.permutation.problem import ProblemKind
from nullfit.tasks.permutation.training_sets import TrainingSets

Advance = Callable[[int], None]


def silent(samples: int) -> None:
    """An `Advance` that counts nothing."""


@dataclass(frozen=True)
class Hyperparameters:
    """How every network of a test is trained.

    The order of samples follows from (seed, epoch) alone and is the same for all networks, so
    that under the null hypothesis nothing but the data tells them apart.
    """

    optimizer: MakeOptimizer
    schedule: MakeSchedule
    epochs: int
    batch_size: int
    seed: int


def train(
    stack: Stack,
    sets: TrainingSets,
    training: Hyperparameters,
    kind: ProblemKind,
    advance: Advance = silent,
) -> None:
    """Train the networks in place; ``advance`` gets the samples of each step times networks.

    Raises:
        UserError: a loss is not finite any more.
    """
    optimizer = stacked_optimizer(stack, [training.optimizer] * len(stack))
    sizes = batch_sizes(sets.samples, training.batch_size)
    # torch's schedules move the rate of one ordinary optimizer, which the stack's follows.
    leader = training.optimizer(list(stack.template.parameters()))
    schedule = training.schedule(leader, training.epochs, len(sizes), sets.samples)
    masks = _masks(stack, sets.input_shape)
    for epoch in range(training.epochs):
        draws = generator(training.seed, "order", epoch)
        order = torch.randperm(sets.samples, generator=draws).to(sets.targets.device)
        dropped = [generator(training.seed, "dropout", epoch)] * len(stack)
        total = torch.zeros(len(stack), device=order.device)
        for chosen in torch.split(order, sizes):
            optimizer.learning_rates.fill_(leader.param_groups[0]["lr"])
            if masks is not None:
                masks.draw(dropped, len(chosen))
            found, losses, _ = gradients(
                stack, sets.batch(chosen), sets.targets[:, chosen], loss_of(kind), sets.shared
            )
            optimizer.step(found)
            total += losses
            if schedule.interval == "step":
                _move(leader, schedule.scheduler)
            advance(len(chosen) * len(stack))
        _refuse_divergence(total, epoch)
        if schedule.interval == "epoch":
            _move(leader, schedule.scheduler)
    for name in stack.buffers:
        if masks is not None and name.endswith(".mask"):  # of no batch any more
            stack.buffers[name] = torch.ones(len(stack), device=total.device)


def _masks(stack: Stack, input_shape: tuple[int, ...]) -> Masks | None:
    return Masks(stack, input_shape) if drops(stack.template) else None


def loss_of(kind: ProblemKind) -> Loss:
    """Mean cross-entropy of classes, mean squared error of numbers."""
    return functional.cross_entropy if kind == "classification" else _squared_error


def _squared_error(
    outputs: Float[Tensor, "n 1"], targets: Float[Tensor, " n"]
) -> Float[Tensor, ""]:
    return functional.mse_loss(outputs[:, 0], targets)


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
