"""Trains networks on draws of random labels, all at once, until it is clear if these are fitted."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from nullfit.console.progress import Progress
from nullfit.data.loader import batch_sizes
from nullfit.fused import Stack
from nullfit.fused.own_batches import OwnBatches
from nullfit.fused.stack_training import Hyperparameters, train
from nullfit.tasks.capacity.draws import Draws
from nullfit.tasks.capacity.steps import Step

_CHECKED_EVERY = 20  # steps, or epochs where these are longer: it costs a third of a step
_FALL = 0.01  # share by which the loss has to fall, or else patience runs out
_EVALUATED = 2**16  # samples times networks of one pass


@dataclass(frozen=True)
class Fitting:
    """How networks are trained on some of the ``images``.

    ``network`` makes one of a number; each draw gets ``starts`` of them, and is fitted if one of
    them fits it. A network fits once its training accuracy in evaluation mode is ``accuracy``; it
    gives up once its loss has not fallen by 1 % for ``patience`` epochs.
    """

    images: Float[Tensor, "n c h w"]
    draws: Draws
    network: Callable[[int], nn.Module]
    hyperparameters: Hyperparameters
    starts: int
    epochs_of: Callable[[int], int]  # at most, of so many samples
    patience: int
    accuracy: float

    def step(self, samples: int, draws: Sequence[int], progress: Progress) -> Step:
        """Train on the first ``samples`` of each of some draws.

        Raises:
            UserError: a training diverges.
        """
        began = time.perf_counter()
        numbers = [draw * self.starts + start for draw in draws for start in range(self.starts)]
        stack = Stack.of([self.network(number).to(self.images.device) for number in numbers])
        data = OwnBatches(
            self.images,
            self._for_all([self.draws.samples(draw, samples) for draw in draws]),
            self._for_all([self.draws.labels(draw, samples) for draw in draws]),
        )
        training = replace(self.hyperparameters, epochs=self.epochs_of(samples))
        watch = _Watch(self, stack, data, training, progress)
        train(stack, data, training, functional.cross_entropy, ended=watch)
        return Step(
            samples,
            watch.epochs_to_fit,
            [correct / samples for correct in watch.most_correct],
            watch.epochs,
            round(time.perf_counter() - began, 3),
        )

    def _for_all(self, of_draws: Sequence[Int64[Tensor, " n"]]) -> Int64[Tensor, "m n"]:
        """What all starts of a draw have in common."""
        return torch.stack(list(of_draws)).repeat_interleave(self.starts, 0).to(self.images.device)


class _Watch:
    """Sees which draws are fitted and which given up, and ends the training once that decides it.

    ``epochs_to_fit`` and ``most_correct`` are those of the first network that fits a draw, or of
    the best one so far. They do not depend on other draws, but for how long they are looked at.
    """

    def __init__(
        self,
        fitting: Fitting,
        stack: Stack,
        data: OwnBatches,
        training: Hyperparameters,
        progress: Progress,
    ) -> None:
        networks, self.samples = data.targets.shape
        self.stack, self.data, self.progress = stack, data, progress
        self.most_epochs, self.patience = training.epochs, fitting.patience
        steps = len(batch_sizes(self.samples, training.batch_size))
        self.every = math.ceil(_CHECKED_EVERY / steps)
        self.enough = math.ceil(fitting.accuracy * self.samples - 1e-9)  # 0.07 · 100 is above 7
        self.starts, self.draws = fitting.starts, networks // fitting.starts
        self.epochs = 0
        self.epochs_to_fit: list[int | None] = [None] * self.draws
        self.most_correct = [0] * self.draws
        self.least_loss = [math.inf] * networks
        self.fell_at = [0] * networks
        self.given_up = [False] * networks

    def __call__(self, epoch: int, losses: Float[Tensor, " m"]) -> bool:
        self.epochs = epoch + 1
        if self.epochs % self.every and self.epochs < self.most_epochs:
            return False
        found = zip(_correct(self.stack, self.data), losses.tolist(), strict=True)
        for network, (correct, loss) in enumerate(found):
            self._look(network, correct, loss)
        fitted = sum(epochs is not None for epochs in self.epochs_to_fit)
        self.progress.at(
            self.epochs / self.most_epochs,
            f"{self.samples:,} samples: {fitted} of {self.draws} draws fitted",
        )
        possible = sum(map(self._is_possible, range(self.draws)))
        return 2 * fitted >= self.draws or 2 * possible < self.draws

    def _look(self, network: int, correct: int, loss: float) -> None:
        draw = network // self.starts
        if self.given_up[network] or self.epochs_to_fit[draw] is not None:
            return
        self.most_correct[draw] = max(self.most_correct[draw], correct)
        if correct >= self.enough:
            self.epochs_to_fit[draw] = self.epochs
        elif loss < (1 - _FALL) * self.least_loss[network]:
            self.least_loss[network], self.fell_at[network] = loss, self.epochs
        else:
            self.given_up[network] = self.epochs - self.fell_at[network] >= self.patience

    def _is_possible(self, draw: int) -> bool:
        starts = slice(draw * self.starts, (draw + 1) * self.starts)
        return self.epochs_to_fit[draw] is not None or not all(self.given_up[starts])


def _correct(stack: Stack, data: OwnBatches) -> list[int]:
    """How many labels each network names, in evaluation mode."""
    networks, samples = data.targets.shape
    places = torch.arange(samples, device=data.targets.device)
    found = torch.zeros(networks, dtype=torch.int64, device=places.device)
    for chosen in places.split(max(1, _EVALUATED // networks)):
        logits = stack.logits(data.batch(chosen), shared=False)
        found += (logits.argmax(2) == data.targets[:, chosen]).sum(1)
    counts: list[int] = found.tolist()
    return counts
