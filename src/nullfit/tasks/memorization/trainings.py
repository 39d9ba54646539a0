"""Trains networks on subsets, group by group, and keeps what each answers."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Float16, Int64
from torch import Tensor, nn
from torch.nn import functional

from nullfit.console.progress import Progress
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.fused import Stack
from nullfit.fused.own_batches import OwnBatches
from nullfit.fused.stack_training import Hyperparameters, train
from nullfit.seeds import derive
from nullfit.system.interruption import Interrupted
from nullfit.tasks.memorization.answers import AnswerFiles, Answers, joined
from nullfit.tasks.memorization.subset_batches import SharedBatches, subset_loss
from nullfit.tasks.memorization.subsets import Subsets

_EVALUATED = 2**16  # samples times networks of one pass
_LARGEST_HALF = float(torch.finfo(torch.float16).max)


@dataclass(frozen=True)
class Trainings:
    """How the networks of a set are trained.

    ``network`` makes the one of a number. With ``shared`` batches a step has so many more samples
    that as many of them are of a subset as a batch of its own would have.
    """

    data: RandomizedData
    network: Callable[[int], nn.Module]
    subsets: Subsets
    hyperparameters: Hyperparameters
    shared: bool
    group: int
    epochs_of: Callable[[int], int]  # of a subset of so many samples
    parameters: int

    @property
    def batches(self) -> str:
        """As ``memorization.batches`` calls them."""
        return "shared" if self.shared else "own"

    def group_of(
        self, trainings: Sequence[int], device: torch.device
    ) -> tuple[Stack, Hyperparameters]:
        """The networks of a group, untrained, and how they are trained."""
        first = trainings[0]
        share = self.subsets.share_of(first)
        size = self.subsets.size(share)
        batch = self.hyperparameters.batch_size
        together = replace(
            self.hyperparameters,
            epochs=self.epochs_of(size),
            batch_size=min(round(batch / share), self.subsets.samples) if self.shared else batch,
            seed=derive(*self.subsets.order_seed(first, self.hyperparameters.seed)),
        )
        return Stack.of([self.network(number).to(device) for number in trainings]), together

    def places(self, trainings: Sequence[int]) -> int:
        """How many places the steps of a group have, times networks."""
        share = self.subsets.share_of(trainings[0])
        size = self.subsets.size(share)
        each = self.subsets.samples if self.shared else size
        return self.epochs_of(size) * each * len(trainings)


def answers_of(
    trainings: Trainings,
    count: int,
    kept: Sequence[Answers],
    files: AnswerFiles,
    progress: Progress,
    device: torch.device,
) -> Answers:
    """What ``count`` trainings answered; those that are ``kept`` are not carried out again.

    Raises:
        UserError: a training diverges.
    """
    parts = list(kept)
    known = {number for part in parts for number in part.trainings.tolist()}
    groups = [
        missing
        for group in trainings.subsets.groups(count, trainings.group)
        if (missing := [number for number in group if number not in known])
    ]
    progress.total = sum(map(trainings.places, groups)) or 1
    progress.at(0, f"{len(known):,} of {count:,} networks")
    data = trainings.data.to(device)
    done = len(known)
    for group in groups:
        try:
            found = _train_group(trainings, data, group, progress)
        except Interrupted as interrupted:
            interrupted.saved = done > 0
            raise
        files.write(found)
        parts.append(found)
        done += len(group)
        progress.at(progress.done, f"{done:,} of {count:,} networks")
    return joined(parts)


def _train_group(
    trainings: Trainings, data: RandomizedData, group: Sequence[int], progress: Progress
) -> Answers:
    began, device = time.perf_counter(), data.train.labels.device
    stack, hyperparameters = trainings.group_of(group, device)
    subsets = torch.stack([trainings.subsets.of(number) for number in group])
    subsets = subsets.to(device)
    images, labels = data.train.images, data.train.labels
    if trainings.shared:
        shared = SharedBatches.of(images, labels, subsets)
        train(stack, shared, hyperparameters, subset_loss, progress.advance)
    else:
        own = OwnBatches(images, subsets, labels[subsets])
        train(stack, own, hyperparameters, functional.cross_entropy, progress.advance)
    correct, margin = _answered(stack, data.train)
    test_correct, test_margin = _answered(stack, data.test)
    return Answers(
        np.array(group),
        np.stack([trainings.subsets.mask(number).numpy() for number in group]),
        correct,
        margin,
        test_correct,
        test_margin,
        np.full(len(group), (time.perf_counter() - began) / len(group)),
    )


def _answered(
    stack: Stack, split: Split
) -> tuple[Bool[np.ndarray, "m n"], Float16[np.ndarray, "m n"]]:
    """Which labels all networks name, and the margin of each label."""
    correct, margins = [], []
    for images, labels in zip(
        split.images.split(size := max(1, _EVALUATED // len(stack))),
        split.labels.split(size),
        strict=True,
    ):
        logits = stack.logits(images, shared=True)
        correct.append(logits.argmax(2) == labels)
        margins.append(log_odds(logits, labels.expand(len(stack), -1)))
    margin = torch.cat(margins, 1).clamp(-_LARGEST_HALF, _LARGEST_HALF)
    return torch.cat(correct, 1).numpy(force=True), margin.half().numpy(force=True)


def log_odds(
    logits: Float[Tensor, "m n classes"], labels: Int64[Tensor, "m n"]
) -> Float[Tensor, "m n"]:
    """ln(p / (1 − p)) of the labels' probabilities, exact however near p comes to 0 or 1."""
    chosen = labels.unsqueeze(2)
    others = logits.scatter(2, chosen, -torch.inf).logsumexp(2)
    return logits.gather(2, chosen).squeeze(2) - others
