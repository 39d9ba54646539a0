"""Trains a network for each draw of random labels, all at once, until it is clear if they fit."""

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

    ``network`` makes the one of a draw. A network fits once its training accuracy in evaluation
    mode is ``accuracy``; it gives up once its loss has not fallen by 1 % for ``patience`` epochs.
    """

    images: Float[Tensor, "n c h w"]
    draws: Draws
    network: Callable[[int], nn.Module]
    hyperparameters: Hyperparameters
    epochs_of: Callable[[int], int]  # at most, of so many samples
    patience: int
    accuracy: float

    def step(self, samples: int, draws: Sequence[int], progress: Progress) -> Step:
        """Train on the first ``samples`` of each of some draws.

        Raises:
            UserError: a training diverges.
        """
        began, device = time.perf_counter(), self.images.device
        stack = Stack.of([self.network(draw).to(device) for draw in draws])
        data = OwnBatches(
            self.images,
            torch.stack([self.draws.samples(draw, samples) for draw in draws]).to(device),
            torch.stack([self.draws.labels(draw, samples) for draw in draws]).to(device),
        )
        training = replace(self.hyperparameters, epochs=self.epochs_of(samples))
        watch = _Watch(self, stack, data, training, progress)
        train(stack, data, training, functional.cross_entropy, ended=watch)
        return Step(
            samples,
            watch.epochs_to_fit,
            [int(correct) / samples for correct in watch.most_correct],
            watch.epochs,
            round(time.perf_counter() - began, 3),
        )


class _Watch:
    """Sees which networks fit and which give up, and ends their training once that decides it.

    What becomes of a network does not depend on the others, but for how long it is looked at.
    """

    def __init__(
        self,
        fitting: Fitting,
        stack: Stack,
        data: OwnBatches,
        training: Hyperparameters,
        progress: Progress,
    ) -> None:
        networks, samples = data.targets.shape
        self.stack, self.data, self.progress = stack, data, progress
        self.most_epochs, self.patience = training.epochs, fitting.patience
        steps = len(batch_sizes(samples, training.batch_size))
        self.every = math.ceil(_CHECKED_EVERY / steps)
        self.enough = math.ceil(fitting.accuracy * samples - 1e-9)  # 0.07 · 100 is above 7
        self.epochs = 0
        self.epochs_to_fit: list[int | None] = [None] * networks
        self.most_correct = torch.zeros(networks, dtype=torch.int64)
        self.given_up = [False] * networks
        self.least_loss = [math.inf] * networks
        self.fell_at = [0] * networks

    def __call__(self, epoch: int, losses: Float[Tensor, " m"]) -> bool:
        self.epochs = epoch + 1
        if self.epochs % self.every and self.epochs < self.most_epochs:
            return False
        correct = _correct(self.stack, self.data)
        self.most_correct = self.most_correct.maximum(correct)
        for network, (right, loss) in enumerate(
            zip(correct.tolist(), losses.tolist(), strict=True)
        ):
            self._look(network, right, loss)
        fitted = sum(epochs is not None for epochs in self.epochs_to_fit)
        samples = self.data.targets.shape[1]
        self.progress.at(
            min(1.0, self.epochs / self.most_epochs),
            f"{samples:,} samples: {fitted} of {len(self.given_up)} fitted",
        )
        possible = len(self.given_up) - sum(self.given_up)
        return 2 * fitted >= len(self.given_up) or 2 * possible < len(self.given_up)

    def _look(self, network: int, correct: int, loss: float) -> None:
        if self.given_up[network] or self.epochs_to_fit[network] is not None:
            return
        if correct >= self.enough:
            self.epochs_to_fit[network] = self.epochs
        elif loss < (1 - _FALL) * self.least_loss[network]:
            self.least_loss[network], self.fell_at[network] = loss, self.epochs
        else:
            self.given_up[network] = self.epochs - self.fell_at[network] >= self.patience


def _correct(stack: Stack, data: OwnBatches) -> Int64[Tensor, " m"]:
    """How many labels each network names, in evaluation mode."""
    networks, samples = data.targets.shape
    found = torch.zeros(networks, dtype=torch.int64)
    places = torch.arange(samples, device=data.targets.device)
    for chosen in places.split(max(1, _EVALUATED // networks)):
        logits = stack.logits(data.batch(chosen), shared=False)
        found += (logits.argmax(2) == data.targets[:, chosen]).sum(1).cpu()
    return found
