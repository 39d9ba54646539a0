"""Pictures of what each corruption of a study did to the samples."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.figure import Figure
from pydantic import ValidationError

from nullfit import assembly
from nullfit.charts.samples import SampleRow, draw_samples
from nullfit.config.corruptions import corruption_seed, corruption_steps, named_step
from nullfit.config.schema import RunConfig
from nullfit.corruptions.corruption import Origin
from nullfit.corruptions.step import Step, corrupt
from nullfit.data.crop import center_crop
from nullfit.data.subset import one_of_each_class
from nullfit.errors import UserError
from nullfit.results.grouping import label_of
from nullfit.results.settings import Setting
from nullfit.results.study import Run

_SAMPLES = 10  # pictures in a row
_ROWS = 16  # of pictures: a grid over many levels would fill pages


@dataclass(frozen=True)
class Samples:
    """Figures by the name of the data they show, and what could not be drawn."""

    figures: dict[str, Figure]
    missing: list[str]


def samples_of(settings: Sequence[Setting], command: RunConfig) -> Samples:
    """A figure for each data set of the study, with a row for each of its corruptions.

    The samples are drawn again from the settings of the first run of each: they are the same to
    the bit. Nothing is downloaded, and only code that the current ``command`` trusts
    (``allow_targets``) is loaded, whatever the study's files ask for.
    """
    figures, missing = {}, list[str]()
    for data, firsts in _first_runs(settings).items():
        if len(firsts) > _ROWS:
            left_out = ", ".join(list(firsts)[_ROWS:])
            missing.append(f"{data}: only {_ROWS} kinds of data are shown; left out: {left_out}.")
        rows: list[SampleRow] = []
        classes: Sequence[str] = ()
        for label, run in list(firsts.items())[:_ROWS]:
            try:
                config = _config(run, command)
                (row,) = sample_rows(config, [run.corruption], _SAMPLES)
                rows.append(replace(row, label=label))
                classes = classes or assembly.load_dataset(config).train.classes
            except (UserError, ValidationError, OSError, KeyError) as error:
                missing.append(f"{data}, {label}: {str(error).splitlines()[0]}")
        if rows:
            try:
                figures[data] = draw_samples(rows, classes)
            except UserError as error:
                missing.append(f"{data}: {error}")
    return Samples(figures, missing)


def _first_runs(settings: Sequence[Setting]) -> dict[str, dict[str, Run]]:
    """By data set and corruption, the run with the lowest seed."""
    runs: dict[str, dict[str, Run]] = {}
    for setting in settings:
        first = min(setting.runs, key=lambda run: int(run.result["seed"]))
        runs.setdefault(str(first.result["data"]["name"]), {}).setdefault(setting.label, first)
    return runs


def _config(run: Run, command: RunConfig) -> RunConfig:
    """The command's configuration with the data, corruption and seed of a run."""
    plain: dict[str, Any] = {**command.plain(), "seed": run.config["seed"]}
    plain["data"] = {**run.config["data"], "download": False}
    plain["corruption"] = run.config["corruption"]
    plain["regularizer"] = {}
    return RunConfig.model_validate(plain)


def sample_rows(config: RunConfig, corruptions: Sequence[str], samples: int) -> list[SampleRow]:
    """The first samples of the classes in turn, under each corruption."""
    dataset = assembly.load_dataset(config)
    train = dataset.train
    if config.data.crop is not None:
        train = replace(train, images=center_crop(train.tensor, config.data.crop))
    images, labels = train.unit_images(), train.labels
    origin = replace(Origin.of(images, labels), classes=len(train.classes), places=train.places)
    seed = corruption_seed(config)
    chosen = one_of_each_class(labels, samples)
    rows = []
    for name, steps in _rows(config, corruptions):
        after = corrupt(images, labels, steps, seed, "train", origin)
        settings = config.corruption.settings if name == config.corruption.name else {}
        label = label_of(name, settings)
        rows.append(SampleRow(label, after.images[chosen], after.labels[chosen], labels[chosen]))
    return rows


def _rows(config: RunConfig, corruptions: Sequence[str]) -> list[tuple[str, list[Step]]]:
    own = config.corruption.name
    names = list(corruptions) if own in (*corruptions, "none") else [*corruptions, own]
    return [
        (
            name,
            corruption_steps(config) if name == own else [named_step(config, name)],
        )
        for name in names
    ]
