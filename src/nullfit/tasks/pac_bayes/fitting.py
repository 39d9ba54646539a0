"""How the Gaussian is fitted, step by step, and where an interrupted fit goes on."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from nullfit.console.messages import say
from nullfit.runs.task_checkpoint import TaskCheckpoint
from nullfit.seeds import generator
from nullfit.system.interruption import Interrupted, held
from nullfit.tasks.pac_bayes.posterior import Objective, Posterior

_LAST = 0.25  # of the steps, at a tenth of the learning rate


@dataclass(frozen=True)
class Epoch:
    """Means over the steps of an epoch: surrogate error and √(B/2); and KL at its end."""

    surrogate: float
    penalty: float
    kl: float


@dataclass(frozen=True)
class Fitted:
    """Where a fit stands after ``steps`` steps, as plain values and tensors.

    ``sums`` are of surrogate error and √(B/2) over the samples of the epoch that it is in,
    ``order`` is the state of the generator before that epoch's order was drawn, and ``noise`` after
    the last step.
    """

    steps: int
    mean: Float[Tensor, " d"]
    log_deviation: Float[Tensor, " d"]
    optimizer: dict[str, Any]
    order: UInt8[Tensor, " _o"]
    noise: UInt8[Tensor, " _n"]
    sums: list[float]
    epochs: list[dict[str, float]]


class _Fit:
    """What changes with a step, together: all of it is in a `Fitted`."""

    def __init__(
        self, posterior: Posterior, objective: Objective, learning_rate: float, seed: int
    ) -> None:
        self.posterior, self.objective = posterior, objective
        fitted = [posterior.mean.requires_grad_(), posterior.log_deviation.requires_grad_()]
        self.optimizer = torch.optim.Adam(fitted, lr=learning_rate)
        self.order = generator(seed, "pac_bayes", "order")
        self.noise = generator(seed, "pac_bayes", "noise")
        self.before = self.order.get_state()
        self.steps, self.sums = 0, [0.0, 0.0]
        self.epochs: list[Epoch] = []

    def step(
        self, images: Float[Tensor, "b c h w"], labels: Int64[Tensor, " b"], rate: float
    ) -> float:
        """One draw of noise for a mini-batch; gives the objective before the step."""
        logits = self.posterior.logits(self.posterior.draw(self.noise), images)
        surrogate = self.objective.surrogate(logits, labels)
        penalty = self.objective.penalty(self.posterior)
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.zero_grad()
        (surrogate + penalty).backward()
        self.optimizer.step()
        values = float(surrogate.detach()), float(penalty.detach())
        self.sums = [t + v * len(labels) for t, v in zip(self.sums, values, strict=True)]
        self.steps += 1
        return sum(values)

    def end_epoch(self, samples: int) -> None:
        means = [total / samples for total in self.sums]
        kl = self.objective.chosen(self.posterior).kl
        self.epochs.append(Epoch(means[0], means[1], kl))
        self.sums, self.before = [0.0, 0.0], self.order.get_state()

    def state(self) -> Fitted:
        vectors = self.posterior.mean.detach(), self.posterior.log_deviation.detach()
        epochs = [asdict(epoch) for epoch in self.epochs]
        random = self.before, self.noise.get_state()
        return Fitted(self.steps, *vectors, self.optimizer.state_dict(), *random, self.sums, epochs)

    def restore(self, state: Fitted) -> None:
        with torch.no_grad():
            self.posterior.mean.copy_(state.mean)
            self.posterior.log_deviation.copy_(state.log_deviation)
        self.optimizer.load_state_dict(state.optimizer)
        self.order.set_state(state.order)
        self.noise.set_state(state.noise)
        self.before, self.steps, self.sums = state.order, state.steps, state.sums
        self.epochs = [Epoch(**epoch) for epoch in state.epochs]


def fit(
    posterior: Posterior,
    objective: Objective,
    images: Float[Tensor, "m c h w"],
    labels: Int64[Tensor, " m"],
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    advance: Callable[[int, str], None],
    checkpoint: TaskCheckpoint[Fitted] | None = None,
) -> list[Epoch]:
    """Minimize the objective by Adam over mean and deviations, which are changed in place.

    One draw of noise for each mini-batch; the last quarter of the steps at a tenth of the rate.
    ``advance`` is called with the number of steps that are done, and where that is. With a
    checkpoint of the same fit it goes on after the last step that is in it and ends with the same
    bits; one of the whole fit is left for what follows.
    """
    checkpoint = checkpoint or TaskCheckpoint(Fitted, None, "", "", 0.0)
    of = _Fit(posterior, objective, learning_rate, seed)
    if (state := checkpoint.load()) is not None:
        of.restore(state)
    device, each = posterior.mean.device, math.ceil(len(labels) / batch_size)
    before, steps = of.steps, epochs * each
    if before:
        say(f"  going on after {before:,} of {steps:,} steps")
    full = steps - math.ceil(_LAST * steps)
    advance(before, f"epoch {before // each} of {epochs}")
    try:
        for epoch in range(before // each, epochs):
            batches = torch.randperm(len(labels), generator=of.order).split(batch_size)
            for chosen in batches[of.steps - epoch * each :]:
                batch = images[chosen.to(images.device)].to(device)
                target = labels[chosen.to(labels.device)].to(device)
                rate = learning_rate if of.steps < full else learning_rate / 10
                with held():
                    value = of.step(batch, target, rate)
                    if of.steps == (epoch + 1) * each:
                        of.end_epoch(len(labels))
                advance(of.steps, f"epoch {epoch + 1} of {epochs}, objective {value:.3f}")
                checkpoint.save_if_due(of.state())
    except Interrupted as interrupted:
        interrupted.saved = of.steps > 0 and checkpoint.save(of.state())
        raise
    if of.steps > before:
        checkpoint.save(of.state())
    for vector in (posterior.mean, posterior.log_deviation):
        vector.requires_grad_(False)
    return of.epochs
