"""Trainings that share an architecture, carried out together."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nullfit.allocator import keep_freed_memory
from nullfit.device import device_of
from nullfit.fused.group import Group
from nullfit.fused.limits import group_size, reason_to_train_alone
from nullfit.fused.member import Member
from nullfit.fused.pool import Pool
from nullfit.fused.progress import GroupProgress
from nullfit.training.fit import Fit, Training, fit, image_dtype

Watch = Callable[[list[Member]], None]


@dataclass(frozen=True)
class Ended:
    """A training that is over: its outcome, and the loss of each of its steps."""

    training: Training
    outcome: Fit
    step_losses: Tensor


def fit_together(
    trainings: Iterable[Training], most: int, pool: Pool, watch: Watch | None = None
) -> Iterator[Ended]:
    """Train at most ``most`` networks at once; each comes out when it ends.

    A place that becomes free is taken by the next training, so ``trainings`` may be prepared as
    they are asked for. All must have the same architecture, data shapes and batch size. ``pool``
    says on which device and in which precision. ``watch`` looks on after each epoch. Networks and
    files are as `fit` leaves them; a member's seconds are its share of the group's.
    """
    waiting = iter(trainings)
    members: list[Member] = []
    group: Group | None = None
    saved = time.monotonic()
    while True:
        while len(members) < most and (training := next(waiting, None)) is not None:
            members.append(Member(training, pool))
            group = None
        if not members:
            return
        if group is None:
            group = Group(members)
        group.train_epoch()
        if watch is not None:
            watch(members)
        for member in [member for member in members if member.record.over]:
            members.remove(member)
            group = None
            member.end()
            outcome = Fit.of(member.record, pool.device)
            yield Ended(member.training, outcome, torch.cat(member.step_losses))
        if members and time.monotonic() - saved >= _seconds(members):
            for member in members:
                member.save()
            saved = time.monotonic()


def fit_all(trainings: Sequence[Training]) -> Iterator[tuple[Training, Fit]]:
    """Fit trainings that differ in data or seed alone: together where that pays, else in turn."""
    if not trainings:
        return
    trainer = trainings[0].trainer
    if len(trainings) == 1 or reason_to_train_alone(trainings[0]) is not None:
        for training in trainings:
            yield training, fit(training)
        return
    keep_freed_memory()
    pool = Pool(device_of(trainer), image_dtype(trainer))
    size = min(group_size(trainings[0]), len(trainings))
    progress = GroupProgress("networks", len(trainings), shown=trainer.progress)
    with progress:
        for ended in fit_together(trainings, size, pool, progress.look):
            progress.one_over()
            yield ended.training, ended.outcome


def _seconds(members: list[Member]) -> float:
    """The time between two checkpoints: the shortest that a member asks for."""
    return min(member.training.trainer.checkpoint_seconds for member in members)
