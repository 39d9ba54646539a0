"""``task=critical_samples``: critical samples and loss sensitivity along a training."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from nullfit.config.schema import RunConfig
from nullfit.config.texts import HomePath
from nullfit.console.messages import name_files, say
from nullfit.errors import UserError
from nullfit.ranges import NonNegative, Positive, PositiveInt
from nullfit.results.formats import percent
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished

if TYPE_CHECKING:
    from nullfit.data.randomized_data import RandomizedData
    from nullfit.runs.kept_weights import KeptWeights
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.critical_samples.measured import Critical, Part

KEY = "critical_samples.run"


class CriticalSamplesSettings(BaseModel):
    """Whose networks they are, and how another answer is sought."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    run: HomePath | None
    samples: PositiveInt | None
    radius: Positive
    step: Positive
    noise: NonNegative
    steps: PositiveInt


def critical_samples(
    config: RunConfig, folder: Path, *, critical_samples: CriticalSamplesSettings
) -> Result:
    """Seek another answer around samples, and measure the slope of their loss, epoch by epoch.

    Raises:
        UserError: there is no such run, it diverged, or it does not fit model and data.
    """
    import time

    from nullfit.runs.source_run import (
        refuse_fresh_labels,
        refuse_other_accuracy,
        refuse_other_samples,
        refuse_other_settings,
    )

    settings = critical_samples
    refuse_fresh_labels(config)
    source = _source(settings)
    refuse_other_settings(config, KEY, source.folder)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.models.build import parameter_count
    from nullfit.tracking.task_run import task_run
    from nullfit.training.device import chosen_device, device_name
    from nullfit.training.measures import of_split

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    refuse_other_samples(source.result, KEY, len(data.train))
    network = assembly.network(config, data.input_shape, len(data.classes))
    source.load(network)
    network.to(device)
    accuracy = of_split(network, data.train).accuracy
    refuse_other_accuracy(source.result, KEY, accuracy)
    epochs = sorted({*source.epochs, source.result["epochs"]})
    say(
        f"{config.job}: {len(epochs)} epochs of {source.folder.name}, boxes of radius "
        f"{settings.radius:g} of a pixel's range"
    )
    begin(config, folder)
    began = time.perf_counter()
    with task_run(config, folder) as record:
        found = _measure(config, settings, source, data, network, epochs)
        counted = found.fields()
        fields = {
            "model": {"name": config.model.name, "parameters": parameter_count(network)},
            **data_fields(config, data),
            "metrics": {"train/accuracy": accuracy, **_metrics(counted)},
            "critical_samples": {
                "run": str(source.folder),
                "command": source.result.get("command"),
                **{key: getattr(settings, key) for key in ("radius", "step", "noise", "steps")},
                **counted,
            },
            "wall_seconds": round(time.perf_counter() - began, 3),
            "device": device_name(device),
        }
        say(_ending(counted))
        result = complete(config, folder, fields, found.arrays(), record)
        from nullfit.charts.printed import save
        from nullfit.tasks.critical_samples.figures import by_kind

        figure = by_kind([result["critical_samples"]], f"{source.folder.name}, n = 1.")
        record.figure("critical_samples/epochs", figure)
        name_files(save(figure, folder / "critical_samples"))
    return result


def refuse_beforehand(
    config: RunConfig, look: "Look", *, critical_samples: CriticalSamplesSettings
) -> None:
    """What `critical_samples` refuses at its start, but for weights that do not fit.

    Raises:
        UserError: as `critical_samples`.
    """
    from nullfit.runs.source_run import (
        refuse_fresh_labels,
        refuse_other_samples,
        refuse_other_settings,
    )

    refuse_fresh_labels(config)
    source = look.file(lambda: _source(critical_samples), "run", critical_samples.run)
    look.file(lambda: refuse_other_settings(config, KEY, source.folder), config.job)
    look.device(config)
    sample = look.sample(config)
    look.network(config, sample.data.input_shape, len(sample.data.classes))
    refuse_other_samples(source.result, KEY, sample.train)


def _source(settings: CriticalSamplesSettings) -> "KeptWeights":
    from nullfit.runs.kept_weights import KeptWeights

    if not settings.run:
        raise UserError(
            f"task=critical_samples needs {KEY}=…: the folder of a finished training, best one "
            "that kept weights along the way, e.g. with 'trainer.keep_epochs=[0,1,5,10]'."
        )
    source = KeptWeights.of(KEY, settings.run)
    if source.result["status"] == "diverged":
        raise UserError(f"{KEY}={settings.run} diverged: its network answers nothing.")
    return source


def _measure(
    config: RunConfig,
    settings: CriticalSamplesSettings,
    source: "KeptWeights",
    data: "RandomizedData",
    network: Any,
    epochs: list[int],
) -> "Critical":
    from nullfit import assembly
    from nullfit.console.progress import Progress
    from nullfit.tasks.critical_samples.measured import measured
    from nullfit.tasks.critical_samples.search import Box

    assert data.whitening is not None  # it was randomized by nullfit
    parts = _parts(config, settings.samples, data)
    box = Box(settings.radius, settings.step, settings.noise, settings.steps)

    def load(epoch: int) -> None:
        kept = epoch if epoch in source.epochs else None
        network.load_state_dict(source.weights(network, kept))

    total = float(len(epochs) * sum(len(part) for part in parts))
    with Progress(config.job, total, shown=config.trainer.progress) as progress:
        progress.at(0)
        return measured(
            network,
            parts,
            data.whitening.divisors,
            epochs,
            load,
            box,
            assembly.loss(config),
            config.seed,
            progress.advance,
        )


def _parts(config: RunConfig, samples: int | None, data: "RandomizedData") -> "list[Part]":
    """Some of the training and of the test set, with the same images before whitening."""
    from nullfit import assembly
    from nullfit.data.subset import stratified_indices
    from nullfit.seeds import derive
    from nullfit.tasks.critical_samples.measured import Part

    unwhitened = config.data.model_copy(update={"whitening": "none"})
    raw = assembly.randomized_data(config.model_copy(update={"data": unwhitened}))
    parts = []
    for name in ("train", "test"):
        split, same = data.splits[name], raw.splits[name]
        size = len(split) if samples is None else min(samples, len(split))
        seed = derive(config.seed, "critical_samples", name)
        chosen = stratified_indices(split.labels, size, seed, "critical_samples.samples")
        parts.append(Part(name, split.selection(chosen), same.selection(chosen), chosen))
    return parts


def _metrics(counted: dict[str, Any]) -> dict[str, float]:
    """Those after the last epoch."""
    return {
        f"{kind}/{name}": counted[name][kind][-1]
        for name in ("critical_sample_ratio", "loss_sensitivity")
        for kind in ("train", "test")
    }


def _ending(counted: dict[str, Any]) -> str:
    epochs, counts = counted["epochs"], counted["samples"]
    kinds = {
        "untouched": "untouched labels",
        "corrupted": "corrupted labels",
        "test": "test set",
    }
    told = ", ".join(
        f"{words} {percent(values[0])}% → {percent(values[-1])}% of {counts[kind]:,}"
        for kind, words in kinds.items()
        if (values := counted["critical_sample_ratio"].get(kind))
    )
    return f"  critical samples, epoch {epochs[0]} → {epochs[-1]}: {told}"
