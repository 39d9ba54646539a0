"""The learning-rate schedules of ``conf/schedule/``: torch's own, over a run of known length."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    SequentialLR,
)

from nullfit.ranges import Fraction, NonNegative, Positive, PositiveInt, PositiveShare


@dataclass(frozen=True)
class Schedule:
    """A scheduler, and whether it moves after each step or after each epoch."""

    scheduler: LRScheduler
    interval: Literal["step", "epoch"] = "epoch"


# From an optimizer, epochs, steps of an epoch and its samples.
MakeSchedule = Callable[[Optimizer, int, int, int], Schedule]


def constant(
    optimizer: Optimizer, epochs: int, steps_per_epoch: int, samples_per_epoch: int
) -> Schedule:
    """The learning rate stays as it is."""
    return Schedule(LambdaLR(optimizer, _one))


def _one(epoch: int) -> float:
    return 1.0


def exponential(
    optimizer: Optimizer,
    epochs: int,
    steps_per_epoch: int,
    samples_per_epoch: int,
    *,
    gamma: Positive = 0.95,
    samples: PositiveInt | None = 50000,
) -> Schedule:
    """Multiplied by ``gamma`` for each ``samples`` trained on, at most once an epoch.

    Zhang et al. 2017, appendix A: 0.95 after each epoch of CIFAR-10, which has 50,000 samples. An
    epoch of a smaller set is fewer steps, and takes the same share of that factor. Without
    ``samples`` each epoch takes all of it.
    """
    share = 1.0 if samples is None else min(1.0, samples_per_epoch / samples)
    return Schedule(ExponentialLR(optimizer, gamma**share))


def multistep(
    optimizer: Optimizer,
    epochs: int,
    steps_per_epoch: int,
    samples_per_epoch: int,
    *,
    milestones: list[PositiveInt] = [150, 225],  # noqa: B006 (it stays)
    gamma: Positive = 0.1,
) -> Schedule:
    """Multiplied by ``gamma`` after each epoch in ``milestones``."""
    return Schedule(MultiStepLR(optimizer, sorted(milestones), gamma))


def linear(
    optimizer: Optimizer,
    epochs_of_run: int,
    steps_per_epoch: int,
    samples_per_epoch: int,
    *,
    start_factor: PositiveShare = 1.0,
    end_factor: Fraction = 0.0,
    epochs: PositiveInt | None = None,
) -> Schedule:
    """On a straight line from ``start_factor`` to ``end_factor`` times the learning rate.

    It gets there after ``epochs``, unless told at the end of the run, and stays there.
    """
    length = epochs or epochs_of_run
    return Schedule(LinearLR(optimizer, start_factor, end_factor, total_iters=length))


def cosine(
    optimizer: Optimizer,
    epochs: int,
    steps_per_epoch: int,
    samples_per_epoch: int,
    *,
    end_factor: NonNegative = 0.0,
) -> Schedule:
    """Half a cosine to ``end_factor`` of the learning rate after the last epoch."""
    lowest = end_factor * float(optimizer.param_groups[0]["lr"])
    return Schedule(CosineAnnealingLR(optimizer, T_max=epochs, eta_min=lowest))


def after_warmup(make: MakeSchedule, warmup_epochs: int, warmup_factor: float) -> MakeSchedule:
    """A schedule that begins after epochs in which the rate rises on a straight line.

    The first epoch has ``warmup_factor`` times the learning rate, the one after ``warmup_epochs``
    all of it; from there the schedule runs over the epochs that are left.
    """

    def schedule(
        optimizer: Optimizer, epochs: int, steps_per_epoch: int, samples_per_epoch: int
    ) -> Schedule:
        rise = LinearLR(optimizer, warmup_factor, 1.0, total_iters=warmup_epochs)
        left = max(epochs - warmup_epochs, 1)
        later = make(optimizer, left, steps_per_epoch, samples_per_epoch).scheduler
        return Schedule(SequentialLR(optimizer, [rise, later], [warmup_epochs]))

    return schedule


def one_cycle(
    optimizer: Optimizer,
    epochs: int,
    steps_per_epoch: int,
    samples_per_epoch: int,
    *,
    warmup_fraction: Fraction = 0.3,
    initial_divisor: Positive = 25.0,
    final_divisor: Positive = 10000.0,
) -> Schedule:
    """One rise and fall of the rate over all steps (Smith and Topin 2018); momentum stays fixed."""
    scheduler = OneCycleLR(
        optimizer,
        max_lr=float(optimizer.param_groups[0]["lr"]),
        total_steps=epochs * steps_per_epoch,
        pct_start=warmup_fraction,
        div_factor=initial_divisor,
        final_div_factor=final_divisor,
        cycle_momentum=False,
    )
    return Schedule(scheduler, interval="step")
