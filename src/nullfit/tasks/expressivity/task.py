"""``task=expressivity``: a network that is not trained but solved for."""

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from nullfit.config.schema import RunConfig
from nullfit.console.messages import say
from nullfit.ranges import PositiveInt
from nullfit.results.formats import percent
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished

if TYPE_CHECKING:
    import numpy
    import torch

    from nullfit.data.randomized_data import RandomizedData, Split
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.expressivity.construction import Construction


class ExpressivitySettings(BaseModel):
    """How the network is constructed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    directions: PositiveInt


def expressivity(config: RunConfig, folder: Path, *, expressivity: ExpressivitySettings) -> Result:
    """Construct the network of Theorem 1 for the training set, and measure it like any other.

    Raises:
        UserError: no function fits the labels, or float64 cannot tell the projections apart.
    """
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit.assembly import randomized_data
    from nullfit.models.build import parameter_count
    from nullfit.tasks.expressivity.construction import construct
    from nullfit.training.device import chosen_device, device_name

    device = chosen_device(config.trainer)
    data = randomized_data(config).to(device)
    start = time.perf_counter()
    made = construct(
        _ready(data.train),
        data.train.labels,
        len(data.classes),
        seed=config.seed,
        directions=expressivity.directions,
    )
    solved = time.perf_counter() - start
    parameters = parameter_count(made.network)
    say(
        f"{config.job}: {parameters:,} weights for {len(data.train):,} points "
        f"({len(made.targets):,} distinct) in {data.train.images[0].numel():,} dimensions, "
        f"solved in {solved:.2f} s"
    )
    begin(config, folder)
    metrics = _measured(config, made, data)
    seconds = time.perf_counter() - start
    fields = {
        "model": {"name": "theorem_1", "parameters": parameters},
        **data_fields(config, data),
        "metrics": metrics,
        "expressivity": _section(made, solved),
        "wall_seconds": round(seconds, 3),
        "device": device_name(device),
    }
    say(
        f"{config.job}: train {percent(metrics['train/accuracy'])}%, "
        f"test {percent(metrics['test/accuracy'])}%, "
        f"largest residual {metrics['train/largest_residual']:.1e}, {seconds:.1f} s"
    )
    return complete(config, folder, fields, _arrays(made, data))


def refuse_beforehand(
    config: RunConfig, look: "Look", *, expressivity: ExpressivitySettings
) -> None:
    """What `expressivity` refuses at its start; whether points are distinct shows as it is solved.

    Raises:
        UserError: the data cannot be prepared, or the device asked for is not there.
    """
    look.device(config)
    _ready(look.sample(config).data.train)


def _measured(config: RunConfig, made: "Construction", data: "RandomizedData") -> dict[str, float]:
    from nullfit.training.measures import measure, of_split

    residual = _largest_residual(config, made, data.train)
    metrics = measure(partial(of_split, made.network), data)
    # The network gives a number, not logits: its cross-entropy would mean nothing.
    kept = {name: value for name, value in metrics.items() if not name.endswith("/loss")}
    return {**kept, "train/largest_residual": residual}


def _largest_residual(config: RunConfig, made: "Construction", train: "Split") -> float:
    """The largest |c(x) − y| over all training samples, as the network's forward pass gives it."""
    import torch

    from nullfit.console.progress import track
    from nullfit.training.evaluation import EVALUATION_BATCH

    batches = list(
        zip(
            _ready(train).split(EVALUATION_BATCH),
            train.labels.split(EVALUATION_BATCH),
            strict=True,
        )
    )
    followed = track(batches, len(batches), config.job, shown=config.trainer.progress)
    with torch.no_grad():
        return max(float((made.network.value(x) - y).abs().max()) for x, y in followed)


def _ready(split: "Split") -> "torch.Tensor":
    return split.images if split.prepare is None else split.prepare(split.images, slice(None))


def _section(made: "Construction", solved: float) -> dict[str, float | int]:
    return {
        "distinct_points": len(made.targets),
        "dimensions": len(made.network.direction),
        "directions_tried": made.directions_tried,
        "narrowest_gap": made.narrowest_gap,
        "largest_weight": float(made.network.weights.detach().abs().max()),
        "solve_seconds": round(solved, 3),
    }


def _arrays(made: "Construction", data: "RandomizedData") -> dict[str, "numpy.ndarray"]:
    from nullfit.training.evaluation import confusion_matrix
    from nullfit.training.measures import of_split

    network = made.network
    confusion = confusion_matrix(of_split(network, data.test), len(data.classes))
    return {
        "confusion_matrix": confusion.numpy(force=True),
        "direction": network.direction.numpy(force=True),
        "biases": network.biases.numpy(force=True),
        "weights": network.weights.numpy(force=True),
        "projections": made.projections.numpy(force=True),
        "targets": made.targets.numpy(force=True),
    }
