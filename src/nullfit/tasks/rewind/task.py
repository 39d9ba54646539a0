"""``task=rewind``: where in a network memorization lies."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from nullfit.config.schema import RunConfig
from nullfit.config.texts import HomePath
from nullfit.console.messages import name_files, say, show
from nullfit.errors import UserError, override
from nullfit.ranges import PositiveInt
from nullfit.results.formats import percent
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished

if TYPE_CHECKING:
    from nullfit.runs.kept_weights import KeptWeights
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.rewind.accuracies import Accuracies, Parts
    from nullfit.tasks.rewind.layers import Layer

KEY = "rewind.run"


class RewindSettings(BaseModel):
    """Whose layers are put back, and what a layer is."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    run: HomePath | None
    depth: PositiveInt | None


def rewind(config: RunConfig, folder: Path, *, rewind: RewindSettings) -> Result:
    """Put each layer of a finished run back to each epoch that it kept, all others as they are.

    What falls is the accuracy on the samples that the layer knows since then: untouched and
    corrupted ones are measured apart (Maini et al. 2023, arXiv 2307.09542; Zhang, Bengio & Singer
    2019, arXiv 1902.01996).

    Raises:
        UserError: there is no such run, it kept no weights, or they do not fit model and data.
    """
    from nullfit.runs.source_run import (
        refuse_other_accuracy,
        refuse_other_samples,
        refuse_other_settings,
    )

    source = _source(rewind)
    refuse_other_settings(config, KEY, source.folder)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.console.progress import Progress
    from nullfit.models.build import parameter_count
    from nullfit.tasks.rewind.accuracies import Parts, rewound
    from nullfit.tasks.rewind.layers import layers_of
    from nullfit.training.device import chosen_device, device_name
    from nullfit.training.execution import Execution

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    refuse_other_samples(source.result, KEY, len(data.train))
    network = assembly.network(config, data.input_shape, len(data.classes))
    source.load(network)
    network.to(device)
    layers = layers_of(network, rewind.depth)
    say(
        f"{config.job}: {len(layers)} layers of {source.folder.name} put back to "
        f"{len(source.epochs)} epochs, {len(data.train):,} training images"
    )
    total = (len(layers) + 1) * len(source.epochs)
    how = Execution.of(network, data.input_shape, config.data.batch_size, config.trainer)
    with (
        how.applied(network, config.trainer),
        Progress(config.job, total, shown=config.trainer.progress) as progress,
    ):
        end = Parts.of(network, data)
        progress.at(0)
        found = rewound(
            network,
            data,
            layers,
            source.epochs,
            lambda epoch: source.weights(network, epoch),
            progress.advance,
        )
    changed = int(data.train.label_changed.sum())
    accuracy = _training_accuracy(end, changed / len(data.train))
    refuse_other_accuracy(source.result, KEY, accuracy)
    _show(layers, found, end)
    begin(config, folder)
    fields = {
        "model": {"name": config.model.name, "parameters": parameter_count(network)},
        **data_fields(config, data),
        "metrics": _metrics(end),
        "rewind": {
            "run": str(source.folder),
            "setting": source.setting,
            "epochs": source.epochs,
            "last_epoch": source.result["epochs"],
            "depth": rewind.depth,
            "layers": [layer.name for layer in layers],
            "parameters": [layer.parameters for layer in layers],
            "corrupted_samples": changed,
            "untouched_samples": len(data.train) - changed,
        },
        "device": device_name(device),
    }
    result = complete(config, folder, fields, found.arrays())
    from nullfit.charts.printed import save
    from nullfit.tasks.rewind.figures import heat_maps
    from nullfit.tasks.rewind.rewound_runs import RewoundRuns

    shown = RewoundRuns([layer.name for layer in layers], source.epochs, [found])
    name_files(save(heat_maps(shown, f"{source.folder.name}, n = 1."), folder / "rewind"))
    return result


def refuse_beforehand(config: RunConfig, look: "Look", *, rewind: RewindSettings) -> None:
    """What `rewind` refuses.

    Raises:
        UserError: as `rewind`.
    """
    from nullfit import assembly
    from nullfit.runs.source_run import refuse_other_samples, refuse_other_settings

    source = look.file(lambda: _source(rewind), "rewind", rewind.run)
    look.file(lambda: refuse_other_settings(config, KEY, source.folder), config.job)
    look.device(config)
    sample = look.sample(config)
    refuse_other_samples(source.result, KEY, sample.train)
    data = sample.data
    look.network(config, data.input_shape, len(data.classes))

    def fits() -> None:
        network = assembly.network(config, data.input_shape, len(data.classes))
        for epoch in (None, *source.epochs):
            source.weights(network, epoch)

    look.file(fits, config.job)


def _source(rewind: RewindSettings) -> "KeptWeights":
    from nullfit.runs.kept_weights import KeptWeights

    if not rewind.run:
        raise UserError(
            "task=rewind needs rewind.run=…: the folder of a finished run that kept weights, e.g. "
            "one with 'trainer.keep_epochs=[0,1,5,10]'."
        )
    source = KeptWeights.of(KEY, rewind.run)
    if not source.epochs:
        raise UserError(
            f"{override(KEY, rewind.run)} kept no weights but its last: train it again with "
            "'trainer.keep_epochs=[0,1,5,10]'."
        )
    return source


def _metrics(end: "Parts") -> dict[str, float | None]:
    """Those of the finished network; None where there are no such samples."""
    names = {"untouched": "train/accuracy_untouched", "corrupted": "train/accuracy_corrupted"}
    names["test"] = "test/accuracy"
    found = asdict(end)
    return {name: None if found[k] != found[k] else found[k] for k, name in names.items()}


def _training_accuracy(end: "Parts", corrupted: float) -> float:
    """That of the finished network on all samples, ``corrupted`` being their share."""
    parts = ((end.untouched, 1 - corrupted), (end.corrupted, corrupted))
    return sum(accuracy * share for accuracy, share in parts if share)


def _show(layers: "list[Layer]", found: "Accuracies", end: "Parts") -> None:
    """A table: accuracy on untouched and on corrupted training samples, by layer and epoch."""
    from rich.table import Table

    title = "training accuracy % with a layer put back: untouched"
    some = end.corrupted == end.corrupted
    table = Table(title=title + (" / corrupted samples" if some else ""), title_justify="left")
    table.add_column("layer")
    for epoch in found.epochs:
        table.add_column(f"epoch {epoch}", justify="right")

    def cell(row: int, column: int) -> str:
        shown = [found.untouched[row, column], *([found.corrupted[row, column]] if some else [])]
        return " / ".join(percent(float(value)) for value in shown)

    for row, name in enumerate([*(layer.name for layer in layers), "all layers"]):
        cells: list[Any] = [cell(row, column) for column in range(len(found.epochs))]
        table.add_row(name, *cells)
    show(table)
    ends = f"untouched {percent(end.untouched)}%, " if end.untouched == end.untouched else ""
    ends += f"corrupted {percent(end.corrupted)}%, " if some else ""
    say(f"  at its end: {ends}test {percent(end.test)}%")
