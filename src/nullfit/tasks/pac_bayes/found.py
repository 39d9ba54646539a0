"""From a trained network to its bound."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from nullfit.config.schema import RunConfig
from nullfit.console.progress import Progress
from nullfit.data.randomized_data import RandomizedData
from nullfit.runs.task_checkpoint import TaskCheckpoint
from nullfit.system.interruption import Interrupted
from nullfit.tasks.pac_bayes.bound import Bound, Priors
from nullfit.tasks.pac_bayes.draws import draw_errors
from nullfit.tasks.pac_bayes.fitting import Fitted, fit
from nullfit.tasks.pac_bayes.posterior import Objective, Posterior
from nullfit.tasks.pac_bayes.settings import PacBayesSettings
from nullfit.tasks.pac_bayes.trained import inputs_of


@dataclass(frozen=True)
class Found:
    """A bound, what a result tells of it, and the arrays beside that."""

    bound: Bound
    fields: dict[str, Any]
    arrays: dict[str, Any]


def find(
    config: RunConfig,
    settings: PacBayesSettings,
    network: nn.Module,
    start: Mapping[str, Tensor],
    data: RandomizedData,
    checkpoint: TaskCheckpoint[Fitted],
) -> Found:
    """Fit the noise, draw networks, and bound the error of such ones.

    An interrupted fit goes on from the checkpoint; draws begin anew.
    """
    posterior = Posterior.around(network, start, settings.deviation)
    priors = Priors(settings.prior_variance, settings.prior_density)
    objective = Objective(len(data.train), settings.delta, priors)
    train, test = (
        (inputs_of(split).to(posterior.mean.dtype), split.labels)
        for split in (data.train, data.test)
    )
    steps = settings.epochs * -(-len(data.train) // settings.batch_size)
    with Progress(config.job, steps, shown=config.trainer.progress) as progress:
        epochs = fit(
            posterior,
            objective,
            *train,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            seed=config.seed,
            advance=progress.at,
            checkpoint=checkpoint,
        )
    with Progress(config.job, settings.samples, shown=config.trainer.progress) as progress:
        progress.at(0)
        try:
            drawn = draw_errors(
                posterior, train, test, draws=settings.samples, seed=config.seed,
                advance=progress.advance,
            )  # fmt: skip
        except Interrupted as interrupted:
            interrupted.saved = True  # by the fit
            raise
    prior = objective.chosen(posterior)
    largest = int(data.train.labels.bincount().max()) / len(data.train)
    error = float(drawn.train.double().mean())
    bound = Bound.of(
        error, settings.samples, prior.kl, prior.complexity, settings.monte_carlo_delta, 1 - largest
    )
    fields = {
        "bound": bound.value,
        "bound_of_mean_error": bound.of_mean_error,
        "says_something": bound.says_something,
        "inverse_kl_bound": bound.inverse_kl,
        "pinsker_bound": bound.pinsker,
        "confidence": 1 - settings.delta - settings.monte_carlo_delta,
        "empirical_error": bound.empirical_error,
        "empirical_error_bound": bound.empirical_bound,
        "empirical_standard_error": _standard_error(drawn.train),
        "test_error": float(drawn.test.double().mean()),
        "test_standard_error": _standard_error(drawn.test),
        "samples": settings.samples,
        "kl": prior.kl,
        "complexity": prior.complexity,
        "prior": prior.j,
        "prior_variance": priors.variance(prior.j),
        "chance": bound.chance,
        "epochs": settings.epochs,
    }
    arrays = {
        "surrogate_by_epoch": np.array([epoch.surrogate for epoch in epochs]),
        "penalty_by_epoch": np.array([epoch.penalty for epoch in epochs]),
        "kl_by_epoch": np.array([epoch.kl for epoch in epochs]),
        "train_errors": drawn.train.numpy(),
        "test_errors": drawn.test.numpy(),
    }
    return Found(bound, fields, arrays)


def _standard_error(values: Tensor) -> float | None:
    """Of the mean of independent values; None for a single one."""
    return float(values.double().std() / len(values) ** 0.5) if len(values) > 1 else None
