"""Trains the members of a test group by group and takes their statistics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import torch
from jaxtyping import Float64
from torch import Tensor, nn

from nullfit.console.messages import say
from nullfit.console.progress import Progress
from nullfit.fused import Stack
from nullfit.fused.stack_training import Hyperparameters, train
from nullfit.seeds import generator
from nullfit.system.interruption import Interrupted
from nullfit.tasks.permutation.checkpoint import Checkpoint, Progressed
from nullfit.tasks.permutation.input_gradients import gradient_moments
from nullfit.tasks.permutation.loss import loss_of
from nullfit.tasks.permutation.members import Member, training_sets
from nullfit.tasks.permutation.statistics import Statistic, evaluate_statistic

_LONG_SECONDS = 1200.0


@dataclass(frozen=True)
class Evaluated:
    """The statistic of each member, and the weights of the networks of observed data."""

    values: list[Float64[Tensor, " _v"]]
    observed: list[dict[str, Tensor]]


def evaluate_members(
    members: Sequence[Member],
    training: Hyperparameters,
    statistic: Statistic,
    samples: int | None,
    group: int,
    checkpoint: Checkpoint,
    progress: Progress,
    device: torch.device,
) -> Evaluated:
    """Train all members and take their statistics, ``group`` of them at a time.

    All start from the weights of their ``network`` and see the same order of samples. With a
    checkpoint of the same test it goes on after the last group that is in it, with the groups that
    it began with, so that an interrupted test ends with the same bits. ``progress`` counts
    samples, in training and for the statistics; after the first group it is said how long a test
    takes that takes long, and what to do.
    """
    state = checkpoint.load() or Progressed(group, torch.zeros(0, dtype=torch.float64), 0, [])
    own = len(members[0].problem)
    each = training.epochs * own + min(samples or own, own)
    progress.total = float(each * len(members))
    progress.at(each * state.done)
    before = state.done
    if before:
        say(f"  going on after {before:,} of {len(members):,} trainings")
    while state.done < len(members):
        some = members[state.done : state.done + state.group]
        try:
            found, observed = _evaluate_group(some, training, statistic, samples, progress, device)
        except Interrupted as interrupted:
            interrupted.saved = state.done > 0 and checkpoint.save(state)
            raise
        state = Progressed(
            state.group,
            torch.cat([state.values, found]),
            state.done + len(some),
            [*state.observed, *observed],
        )
        if state.done < len(members):
            checkpoint.save_if_due(state)
            if state.done == before + len(some) and progress.shown:
                _say_if_long(len(members) - state.done, progress.seconds_left or 0.0)
    values = state.values.split([member.values for member in members])
    return Evaluated(list(values), state.observed)


def _say_if_long(trainings: int, seconds: float) -> None:
    if seconds > _LONG_SECONDS:
        say(
            f"  {trainings:,} trainings are left, about {timedelta(seconds=round(seconds))}; an "
            "interrupted test goes on where it was. Fewer: permutation_test.patch=… tests squares "
            "of pixels, permutation_test.null=labels trains once for all inputs."
        )


def _evaluate_group(
    members: Sequence[Member],
    training: Hyperparameters,
    statistic: Statistic,
    samples: int | None,
    progress: Progress,
    device: torch.device,
) -> tuple[Float64[Tensor, " v"], list[dict[str, Tensor]]]:
    sets = training_sets(members).to(device)
    stack = _stack(members, device)
    train(stack, sets, training, loss_of(members[0].problem.kind), progress.advance)
    if samples is not None and samples < sets.samples:
        draws = generator(training.seed, "samples")
        chosen = torch.randperm(sets.samples, generator=draws)[:samples].sort().values
        sets = sets.subset(chosen.to(device))
    moments = gradient_moments(stack, sets, progress.advance).to(torch.device("cpu"))
    found = evaluate_statistic(statistic, moments, members[0].problem.features)
    values = [
        row if member.values > 1 else row[member.feature : member.feature + 1]
        for member, row in zip(members, found, strict=True)
    ]
    observed = [
        {name: value.cpu().clone() for name, value in stack.network(index).state_dict().items()}
        for index, member in enumerate(members)
        if member.observed
    ]
    return torch.cat(values), observed


def _stack(members: Sequence[Member], device: torch.device) -> Stack:
    networks: list[nn.Module] = [member.network.to(device) for member in members]
    if all(network is networks[0] for network in networks):
        return Stack.repeated(networks[0], len(networks))
    return Stack.of(networks)
