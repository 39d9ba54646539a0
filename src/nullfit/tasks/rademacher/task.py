"""``task=rademacher``: how well a network fits random signs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from nullfit.config.schema import RunConfig
from nullfit.console.messages import say
from nullfit.ranges import PositiveInt
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished

if TYPE_CHECKING:
    from nullfit.data.randomized_data import RandomizedData
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.rademacher.complexity import Complexity
    from nullfit.tasks.rademacher.draws import Draw
    from nullfit.training.training import Training


class RademacherSettings(BaseModel):
    """What is drawn."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    draws: PositiveInt


def rademacher(config: RunConfig, folder: Path, *, rademacher: RademacherSettings) -> Result:
    """Estimate the empirical Rademacher complexity of a network on the training images.

    A corruption of the images applies first; labels are replaced by signs.

    Raises:
        UserError: a corruption of labels is chosen, which would have no effect.
    """
    _refuse_label_corruption(config)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.config.identity import config_hash
    from nullfit.models.build import parameter_count
    from nullfit.tasks.rademacher.complexity import Complexity, correlation
    from nullfit.tasks.rademacher.draws import done_draws, fit_draws
    from nullfit.tasks.rademacher.signs import CLASSES, with_signs
    from nullfit.training.device import chosen_device, device_name

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    parameters = parameter_count(assembly.network(config, data.input_shape, len(CLASSES)))

    def make(number: int) -> "Training":
        network = assembly.network(config, data.input_shape, len(CLASSES))
        return assembly.training(config, network, with_signs(data, config.seed, number))

    done = done_draws(rademacher.draws, folder)
    epochs = config.trainer.epochs(len(data.train), config.data.batch_size)
    start = f"going on after {done} of " if done else ""
    say(
        f"{config.job}: {start}{rademacher.draws} draws of {len(data.train):,} signs, "
        f"{parameters:,} parameters, at most {epochs:,} epochs each"
    )
    begin(config, folder)
    about = {"config_hash": config_hash(config.plain()), "config": config.plain()}
    draws = list(fit_draws(rademacher.draws, make, folder, about))
    found = Complexity.of([correlation(draw.train_accuracy) for draw in draws])
    bound = found.gap_bound(len(data.train))
    say(_ending(config, found, bound))
    fields = {
        "model": {"name": config.model.name, "parameters": parameters},
        **_data_fields(config, data),
        "metrics": {
            "train/correlation": found.mean,
            "test/correlation": Complexity.of([correlation(d.test_accuracy) for d in draws]).mean,
            "gap_bound": bound,
        },
        "rademacher": _section(draws, found),
        "wall_seconds": round(sum(draw.seconds for draw in draws), 3),
        "device": device_name(device),
    }
    return complete(config, folder, fields, _arrays(draws))


def refuse_beforehand(config: RunConfig, look: "Look", *, rademacher: RademacherSettings) -> None:
    """What `rademacher` refuses at its start, but for checkpoints that cannot be read.

    Raises:
        UserError: as `rademacher`.
    """
    from nullfit.tasks.rademacher.signs import CLASSES

    _refuse_label_corruption(config)
    look.device(config)
    look.network(config, look.sample(config).data.input_shape, len(CLASSES))


def _refuse_label_corruption(config: RunConfig) -> None:
    from nullfit.config.corruptions import refuse_label_corruption

    refuse_label_corruption(config, "labels are random signs")


def _data_fields(config: RunConfig, data: "RandomizedData") -> Result:
    fields = data_fields(config, data)
    fields["corruption"]["labels_changed"] = None  # signs are no labels
    return fields


def _section(draws: Sequence["Draw"], found: "Complexity") -> dict[str, Any]:
    from nullfit.tasks.rademacher.complexity import CONFIDENCE

    fitted = [draw.epochs_to_fit for draw in draws if draw.epochs_to_fit is not None]
    return {
        "draws": found.draws,
        "standard_deviation": found.sd,
        "low": found.low,
        "high": found.high,
        "confidence": CONFIDENCE,
        "fitted": len(fitted),
        "diverged": sum(draw.status == "diverged" for draw in draws),
        "mean_epochs": sum(draw.epochs for draw in draws) / len(draws),
    }


def _arrays(draws: Sequence["Draw"]) -> dict[str, Any]:
    import numpy

    from nullfit.tasks.rademacher.draws import curves_of

    return {
        "correlation": numpy.array([2 * draw.train_accuracy - 1 for draw in draws]),
        "test_correlation": numpy.array([2 * draw.test_accuracy - 1 for draw in draws]),
        "correlation_by_epoch": numpy.array(curves_of(draws)),
    }


def _ending(config: RunConfig, found: "Complexity", bound: float | None) -> str:
    interval = ""
    if found.low is not None:
        interval = f" (95 % interval of what training reaches: {found.low:.3f} to {found.high:.3f})"
    verdict = (
        "not all signs were fitted: the complexity may be larger, and no bound follows"
        if bound is None
        else f"all signs were fitted: the bound that follows, {bound:.2f}, says nothing"
    )
    return f"{config.job}: correlation with random signs {found.mean:.3f}{interval}\n  {verdict}"
