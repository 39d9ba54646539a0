"""Stochastic gradient descent on the squared loss, with a constant learning rate."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.seeds import generator
from nullfit.tasks.implicit_regularization.linear_problem import LinearProblem

Weights = Float64[Tensor, "d c"]
_PER_DECADE = 40  # points of a trajectory for each power of ten of steps


@dataclass(frozen=True)
class Descent:
    """How to descend: mini-batches without replacement, in an order of ``seed`` and the epoch."""

    learning_rate: float
    batch_size: int
    steps: int
    seed: int

    def run(
        self,
        problem: LinearProblem,
        weights: Weights,
        watch: Callable[[int, Weights], bool],
    ) -> int:
        """Descend from ``weights``, which are overwritten; returns the number of steps taken.

        The loss of a batch is ½‖XW − Y‖² / batch size, whose gradient is XᵀR / batch size for the
        residuals R. The last batch of an epoch, which may have fewer samples, is divided by the
        same number, so that no step is longer than the rate allows. The columns of the weights do
        not interact: several starts can be run side by side.
        ``watch`` sees the weights at steps that are evenly spaced on a logarithmic axis, the first
        and the last among them, and ends the descent by returning True.
        """
        if watch(0, weights):
            return 0
        stops = set(watched_steps(self.steps))
        targets = problem.targets.repeat(1, weights.shape[1] // problem.targets.shape[1])
        rate = self.learning_rate / min(self.batch_size, len(targets))
        for step, batch in zip(range(1, self.steps + 1), self._batches(problem), strict=False):
            features = problem.features[batch]
            residuals = (features @ weights).sub_(targets[batch])
            weights.addmm_(features.T, residuals, alpha=-rate)
            if step in stops and watch(step, weights):
                return step
        return self.steps

    def _batches(self, problem: LinearProblem) -> Iterator[Tensor | slice]:
        samples, epoch = len(problem.features), 0
        while True:
            order = torch.randperm(samples, generator=generator(self.seed, "order", epoch))
            if self.batch_size == 1:  # views instead of copies
                yield from (slice(number, number + 1) for number in order.tolist())
            else:
                yield from order.to(problem.features.device).split(self.batch_size)
            epoch += 1


def watched_steps(steps: int) -> list[int]:
    """Whole numbers from 1 to ``steps``, evenly spaced on a logarithmic axis."""
    points = math.ceil(_PER_DECADE * math.log10(steps)) + 1 if steps > 1 else 1
    spaced = torch.logspace(0, math.log10(steps), points, dtype=torch.float64)
    return sorted({int(step) for step in spaced.round()} | {steps})
