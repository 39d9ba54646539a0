"""``task=capacity``: the number of samples at which a network stops fitting random labels."""

import math
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Interval
from pydantic import BaseModel, ConfigDict

from nullfit.config.schema import RunConfig
from nullfit.config.stacked_training import refuse_unsupported
from nullfit.console.messages import say
from nullfit.errors import UserError
from nullfit.ranges import Positive, PositiveInt, PositiveShare
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished
from nullfit.system.interruption import Interrupted

if TYPE_CHECKING:
    import torch

    from nullfit.data.randomized_data import RandomizedData
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.capacity.bisection import Bracket
    from nullfit.tasks.capacity.fitting import Fitting
    from nullfit.tasks.capacity.size import Size
    from nullfit.tasks.capacity.steps import Step, StepFiles


class CapacitySettings(BaseModel):
    """What is drawn, and what counts as fitted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    classes: Annotated[int, Interval(ge=2, le=100_000)] | None
    draws: PositiveInt
    starts: PositiveInt
    accuracy: PositiveShare
    tolerance: Positive
    patience: Annotated[int, Ge(1)]


def capacity(config: RunConfig, folder: Path, *, capacity: CapacitySettings) -> Result:
    """Find the largest number of samples whose random labels are fitted in half of the draws.

    A corruption of the images applies first; labels are replaced by random ones. What was found for
    a number of samples is kept: an interrupted search goes on.

    Raises:
        UserError: a setting that has no place here, or a training diverges.
    """
    _refuse(config)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.tasks.capacity.account import ending, labels_of
    from nullfit.tasks.capacity.bisection import bisect
    from nullfit.tasks.capacity.size import Size
    from nullfit.tasks.capacity.steps import StepFiles
    from nullfit.training.device import chosen_device, device_name
    from nullfit.training.execution import on_threads, threads_for

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    classes = capacity.classes or len(data.classes)
    network = assembly.network(config, data.input_shape, classes, 0)
    fitting = _fitting(config, capacity, data, classes, device)
    size, files, limit = Size.of(network), StepFiles(folder), len(data.train)
    going_on = f", {files.count} numbers of samples were tried before" if files.count else ""
    account = "" if data.account is None else f"{data.account}\n"
    say(
        f"{account}{config.job}: {size.parameters:,} parameters, how many of {limit:,} samples "
        f"with {labels_of(classes)} are fitted in half of {capacity.draws} draws?{going_on}"
    )
    begin(config, folder)
    steps: list[Step] = []
    together = capacity.draws * capacity.starts * min(config.data.batch_size, limit)
    threads = threads_for(network, data.input_shape, together, config.trainer)
    with on_threads(threads, config.trainer):
        found = bisect(
            partial(_fits, config, fitting, range(capacity.draws), files, steps),
            _start(size, classes, limit),
            limit,
            capacity.tolerance,
        )
    fields = {
        "model": {"name": config.model.name, "parameters": size.parameters},
        **_data_fields(config, data),
        "metrics": _metrics(found, size, classes),
        "capacity": {
            "samples": found.fitted,
            "failed": found.failed,
            "censored": found.failed is None,
            **asdict(size),
            "classes": classes,
            "draws": capacity.draws,
            "starts": capacity.starts,
            "accuracy": capacity.accuracy,
            "steps": [_told(step, fitting) for step in steps],
        },
        "wall_seconds": round(sum(step.seconds for step in steps), 3),
        "device": device_name(device),
    }
    say(ending(config.job, fields))
    return complete(config, folder, fields)


def refuse_beforehand(config: RunConfig, look: "Look", *, capacity: CapacitySettings) -> None:
    """What `capacity` refuses at its start, but for files of trainings that are damaged.

    Raises:
        UserError: as `capacity`.
    """
    _refuse(config)
    look.device(config)
    data = look.sample(config).data
    look.network(config, data.input_shape, capacity.classes or len(data.classes))


def _refuse(config: RunConfig) -> None:
    from nullfit.config.corruptions import refuse_label_corruption

    refuse_unsupported(config)
    refuse_label_corruption(config, "labels are drawn at random")


def _fitting(
    config: RunConfig,
    settings: CapacitySettings,
    data: "RandomizedData",
    classes: int,
    device: "torch.device",
) -> "Fitting":
    from nullfit import assembly
    from nullfit.fused.limits import reason_not_to_stack
    from nullfit.fused.stack_training import Hyperparameters
    from nullfit.tasks.capacity.draws import Draws
    from nullfit.tasks.capacity.fitting import Fitting

    def network(draw: int) -> "torch.nn.Module":
        return assembly.network(config, data.input_shape, classes, draw)

    if (reason := reason_not_to_stack(network(0), data.input_shape)) is not None:
        raise UserError(f"model={config.model.name}: {reason}. Choose another model.")
    batch = config.data.batch_size
    return Fitting(
        data.train.images.to(device),
        Draws(len(data.train), classes, config.seed_of("corruption")),
        network,
        Hyperparameters(
            assembly.optimizer(config),
            assembly.schedule(config),
            0,
            batch,
            config.seed_of("order"),
        ),
        settings.starts,
        lambda samples: config.trainer.epochs(samples, batch),
        settings.patience,
        settings.accuracy,
    )


def _fits(
    config: RunConfig,
    fitting: "Fitting",
    draws: range,
    files: "StepFiles",
    steps: "list[Step]",
    samples: int,
) -> bool:
    """Whether so many are fitted; ``steps`` get what was found, in this run or before."""
    from nullfit.console.progress import Progress

    step = files.read(samples)
    if step is None:
        shown = config.trainer.progress
        try:
            with Progress(config.job, 1.0, shown=shown, at_most=True) as progress:
                step = fitting.step(samples, draws, progress)
        except Interrupted as interrupted:
            interrupted.saved = bool(steps)
            raise
        files.write(step)
    steps.append(step)
    return step.fits


def _start(size: "Size", classes: int, limit: int) -> int:
    """A bit for each parameter, which is about what networks hold: the search ends soon."""
    return min(max(1, round(size.parameters / math.log2(classes))), limit)


def _metrics(found: "Bracket", size: "Size", classes: int) -> dict[str, float | int]:
    return {
        "capacity/samples": found.fitted,
        "capacity/samples_per_parameter": found.fitted / size.parameters,
        "capacity/bits_per_parameter": found.fitted * math.log2(classes) / size.parameters,
    }


def _told(step: "Step", fitting: "Fitting") -> dict[str, Any]:
    return {**asdict(step), "fitted": step.fitted, "most_epochs": fitting.epochs_of(step.samples)}


def _data_fields(config: RunConfig, data: "RandomizedData") -> Result:
    fields = data_fields(config, data)
    fields["corruption"]["labels_changed"] = None  # those that are drawn here are no corruption
    return fields
