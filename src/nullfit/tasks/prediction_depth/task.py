"""``task=prediction_depth``: from which layer on neighbours foretell what a network answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from nullfit.config.schema import RunConfig
from nullfit.config.texts import HomePath
from nullfit.console.messages import say
from nullfit.errors import UserError
from nullfit.ranges import PositiveInt
from nullfit.results.formats import percent
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished

if TYPE_CHECKING:
    from torch import nn

    from nullfit.data.randomized_data import RandomizedData
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.prediction_depth.findings import Found
    from nullfit.tracking.task_run import TaskRecord


class PredictionDepthSettings(BaseModel):
    """Whose network it is, and how many neighbours vote."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    run: HomePath | None
    neighbours: PositiveInt


def prediction_depth(
    config: RunConfig, folder: Path, *, prediction_depth: PredictionDepthSettings
) -> Result:
    """Write from which layer on the neighbours of each sample name what the network answers.

    Raises:
        UserError: there is no such run, its settings are not those of the command, or there are too
            few training samples for so many neighbours.
    """
    import time

    from nullfit.runs.source_run import (
        finished_run,
        refuse_fresh_labels,
        refuse_other_accuracy,
        refuse_other_samples,
        refuse_other_settings,
    )
    from nullfit.tasks.prediction_depth.trained import KEY, trained_network

    refuse_fresh_labels(config)
    run, training = finished_run(KEY, prediction_depth.run)
    k = prediction_depth.neighbours
    refuse_other_settings(config, KEY, run)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.models.build import parameter_count
    from nullfit.results.samples import write_samples
    from nullfit.tracking.task_run import task_run
    from nullfit.training.device import chosen_device, device_name

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    refuse_other_samples(training, KEY, len(data.train))
    _refuse_too_few(k, len(data.train))
    network = trained_network(config, data, run).to(device)
    begin(config, folder)
    began = time.perf_counter()
    with task_run(config, folder) as record:
        found = _find(config, data, network, k)
        refuse_other_accuracy(training, KEY, found.metrics["train/accuracy"])
        fields = {
            "model": {"name": config.model.name, "parameters": parameter_count(network)},
            **data_fields(config, data),
            "metrics": found.metrics,
            "prediction_depth": {
                "run": str(run),
                "command": training.get("command"),
                **found.fields,
            },
            "wall_seconds": round(time.perf_counter() - began, 3),
            "device": device_name(device),
        }
        say(_ending(config.job, fields))
        write_samples(folder, data.train, {"prediction_depth": {"depth": found.depth}})
        _draw(record, config.job, found)
        return complete(config, folder, fields, found.arrays, record)


def refuse_beforehand(
    config: RunConfig, look: "Look", *, prediction_depth: PredictionDepthSettings
) -> None:
    """What `prediction_depth` refuses at its start, but for weights that do not fit.

    Raises:
        UserError: as `prediction_depth`.
    """
    from nullfit.runs.source_run import (
        finished_run,
        refuse_fresh_labels,
        refuse_other_samples,
        refuse_other_settings,
    )
    from nullfit.tasks.prediction_depth.trained import KEY

    refuse_fresh_labels(config)
    run, training = look.file(
        lambda: finished_run(KEY, prediction_depth.run), "run", prediction_depth.run
    )
    look.file(lambda: refuse_other_settings(config, KEY, run), config.job)
    look.device(config)
    sample = look.sample(config)
    look.network(config, sample.data.input_shape, len(sample.data.classes))
    refuse_other_samples(training, KEY, sample.train)
    _refuse_too_few(prediction_depth.neighbours, sample.train)


def _find(config: RunConfig, data: "RandomizedData", network: "nn.Module", k: int) -> "Found":
    """Let the neighbours of all samples vote."""
    from nullfit.console.progress import Progress
    from nullfit.tasks.prediction_depth.findings import find
    from nullfit.tasks.prediction_depth.neighbours import NeighbourSearch

    pairs = len(data.train) * (len(data.train) + len(data.test))
    with Progress(config.job, float(pairs), shown=config.trainer.progress) as progress:
        progress.at(0)
        search = NeighbourSearch(network, data.train, k, len(data.classes), progress.advance)
        return find(data, search.of(data.train), search.of(data.test), k)


def _draw(record: "TaskRecord", job: str, found: "Found") -> None:
    """The figure, as a picture in W&B."""
    if record.wandb_run is None:
        return
    from nullfit.tasks.prediction_depth.figures import by_layer

    record.figure("prediction_depth/depth", by_layer(found.fields, found.arrays, f"{job}."))


def _refuse_too_few(k: int, samples: int) -> None:
    if k >= samples:
        raise UserError(
            f"prediction_depth.neighbours={k} of {samples:,} training samples: a sample has "
            f"{samples - 1:,} others. Choose 1 to {samples - 1:,}."
        )


def _ending(job: str, result: Result) -> str:
    section, metrics = result["prediction_depth"], result["metrics"]
    accuracy, layers = section["neighbour_accuracy"], section["layers"]
    kinds: dict[str, Any] = {
        "untouched": "untouched labels",
        "corrupted": "corrupted labels",
        "test": "test set",
    }
    told = ", ".join(
        f"{words} {section['mean_depth'][kind]:.2f}"
        for kind, words in kinds.items()
        if section["mean_depth"][kind] is not None
    )
    area = section["area_under_curve"]
    found = "" if area is None else f"; corrupted labels, area under curve: {area:.3f}"
    return (
        f"{job}: mean depth (0 to {len(layers)}) of {told}{found}\n"
        f"  {section['neighbours']} neighbours name {percent(accuracy['train'][0])}% of the labels "
        f"trained on after layer 0 ({layers[0]}), {percent(accuracy['train'][-1])}% after layer "
        f"{len(layers) - 1} ({layers[-1]}); the network {percent(metrics['train/accuracy'])}%"
    )
