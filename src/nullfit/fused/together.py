"""Trainings that share an architecture, carried out together."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from nullfit.console.progress import Progress
from nullfit.fused.group import Group
from nullfit.fused.limits import group_size, reason_to_train_alone
from nullfit.fused.member import Member
from nullfit.fused.pool import Pool
from nullfit.results.formats import percent
from nullfit.system.allocator import keep_freed_memory
from nullfit.system.interruption import Interrupted, drop, held, hold, release
from nullfit.training.device import device_of
from nullfit.training.execution import on_threads, threads_for
from nullfit.training.fitting import fit, image_dtype
from nullfit.training.training import Fit, Training

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
    files are as `fit` leaves them; a member's seconds are its share of the group's. Threads are as
    many as a step of those that begin is worth.
    """
    waiting = iter(trainings)
    members = [Member(training, pool) for training in islice(waiting, most)]
    if not members:
        release()  # a signal that found no step after it
        return
    first = members[0].training
    samples = len(members) * first.batch_size  # in a step
    threads = threads_for(first.network, first.data.input_shape, samples, first.trainer)
    with on_threads(threads, first.trainer):
        yield from _course(members, waiting, most, pool, watch)


def follow(progress: Progress, trainings: int) -> Watch:
    """What tells ``progress``, in epochs of all ``trainings``, where they stand."""
    done = 0
    progress.at(0, f"{done} of {trainings} done")

    def watch(members: list[Member]) -> None:
        nonlocal done
        done += sum(member.record.over for member in members)
        left = [m.training.epochs - m.epoch for m in members if not m.record.over]
        waiting = (trainings - done - len(left)) * max(m.training.epochs for m in members)
        epochs = progress.done + len(members)
        progress.total = epochs + sum(left) + waiting
        train = sum(m.record.training_accuracy or 0.0 for m in members) / len(members)
        epoch = max(member.epoch for member in members)
        text = f"{done} of {trainings} done  epoch {epoch}  mean train {percent(train)}%"
        progress.at(epochs, text)

    return watch


def _course(
    members: list[Member], waiting: Iterator[Training], most: int, pool: Pool, watch: Watch | None
) -> Iterator[Ended]:
    """Train until no member is left and none is waiting."""
    groups: list[Group] = []
    saving = _Saving()
    while members:
        if len(groups) != 1:
            groups = _groups(members)
        saving.train_epoch(groups)
        with _saving_later():
            if watch is not None:
                watch(members)
            over = [member for member in members if member.record.over]
            for member in over:
                members.remove(member)
                groups = []
                member.end()
        for member in over:
            outcome = Fit.of(member.record, pool.device)
            yield Ended(member.training, outcome, torch.cat(member.step_losses))
        for training in islice(waiting, most - len(members)):
            members.append(Member(training, pool))
            groups = []
    release()


@contextmanager
def _saving_later() -> Iterator[None]:
    """Between two epochs a signal waits for the next step, at which all members are saved."""
    hold()
    try:
        yield
    finally:
        drop()


def _groups(members: Sequence[Member]) -> list[Group]:
    """One group, unless some members go on in the middle of an epoch: then the others wait."""
    standing: dict[int, list[Member]] = {}
    for member in members:
        standing.setdefault(member.batches_left, []).append(member)
    return [Group(alike) for alike in standing.values()]


class _Saving:
    """Takes checkpoints of all groups when it is time to, and when the process is to stop."""

    def __init__(self) -> None:
        self._saved = time.monotonic()

    def train_epoch(self, groups: Sequence[Group]) -> None:
        """One epoch of each group."""
        seconds = min(m.training.trainer.checkpoint_seconds for g in groups for m in g.members)

        def save_if_due() -> None:
            if time.monotonic() - self._saved >= seconds:
                self._save(groups)

        try:
            for group in groups:
                group.train_epoch(save_if_due)
            save_if_due()
        except Interrupted as interrupted:
            self._save(groups)
            interrupted.saved = True
            raise

    def _save(self, groups: Sequence[Group]) -> None:
        with held():
            for group in groups:
                group.save()
        self._saved = time.monotonic()


def fit_all(trainings: Sequence[Training]) -> Iterator[tuple[Training, Fit]]:
    """Fit trainings that differ in data or seed alone: together where that pays, else in turn."""
    if not trainings:
        return
    trainer = trainings[0].trainer
    if reason_to_train_alone(trainings[0], len(trainings)) is not None:
        for training in trainings:
            yield training, fit(training)
        return
    keep_freed_memory()
    pool = Pool(device_of(trainer), image_dtype(trainer))
    size = min(group_size(trainings[0]), len(trainings))
    with Progress("networks", 0.0, shown=trainer.progress, at_most=True) as progress:
        for ended in fit_together(trainings, size, pool, follow(progress, len(trainings))):
            yield ended.training, ended.outcome
