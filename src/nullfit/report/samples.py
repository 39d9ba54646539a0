"""Pictures of what each corruption of a study did to the samples."""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.figure import Figure
from pydantic import ValidationError

from nullfit import assembly
from nullfit.charts.samples import SampleRow, draw_samples
from nullfit.config.content import files_of_corruption
from nullfit.config.corruptions import corruption_seed, corruption_steps, named_step
from nullfit.config.schema import RunConfig
from nullfit.config.sections.options import DataConfig
from nullfit.config.targets import HOMES
from nullfit.corruptions.corruption import Origin
from nullfit.corruptions.step import Step, corrupt
from nullfit.data.crop import center_crop
from nullfit.data.image_set import origin_of
from nullfit.data.subset import one_of_each_class
from nullfit.errors import UserError, by_reason
from nullfit.results.grouping import label_of
from nullfit.results.settings import Setting
from nullfit.results.study import Run
from nullfit.results.task_run import TaskRun

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
    the bit. Whatever the study's files ask for, nothing is downloaded, only code that the current
    ``command`` trusts (``allow_targets``) is loaded, and only files that it names are read.
    """
    figures, missing = {}, list[str]()
    for data, firsts in _first_runs(settings).items():
        if len(firsts) > _ROWS:
            left_out = ", ".join(list(firsts)[_ROWS:])
            missing.append(f"{data}: only {_ROWS} kinds of data are shown; left out: {left_out}.")
        rows: list[SampleRow] = []
        classes: Sequence[str] = ()
        reasons: dict[str, str] = {}
        for label, run in list(firsts.items())[:_ROWS]:
            try:
                config = _config(run, command)
                (row,) = sample_rows(config, [run.corruption], _SAMPLES)
                rows.append(replace(row, label=label))
                classes = classes or assembly.load_dataset(config).train.classes
            except (UserError, ValidationError, OSError, KeyError) as error:
                reasons[label] = str(error).splitlines()[0]
        for reason, labels in by_reason(reasons).items():
            missing.append(f"{data}, {', '.join(labels)}: {reason}")
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
    """The command's configuration with the data, corruption and seed of a run.

    Raises:
        UserError: that data would be read from files that the command does not name.
    """
    parts = {key: run.config.get(key, {}) for key in ("seed", "seeds", "corruption")}
    return with_data_of(run, command, {**parts, "regularizer": {}})


def with_data_of(run: TaskRun, command: RunConfig, parts: Mapping[str, Any]) -> RunConfig:
    """The command's configuration with the data of a run and other ``parts``.

    Raises:
        UserError: that data would be read from files that the command does not name.
    """
    if run.config["data"].get("_target_") == f"{HOMES['data']}.ratings":  # of any size
        raise UserError("a matrix of ratings has no pictures")
    own: dict[str, Any] = {"root": command.data.root, "cache": command.data.cache}
    own |= {"download": False, "leave_out": None}
    data = {**run.config["data"], **own}
    config = RunConfig.model_validate({**command.plain(), **parts, "data": data})
    _refuse_other_files(config, run.config["data"], command)
    return config


def _refuse_other_files(config: RunConfig, stored: Mapping[str, Any], command: RunConfig) -> None:
    """See that data and corruption read no files but those that the command itself names.

    Raises:
        UserError: the study names others.
    """
    named = files_of_corruption(command.corruption.model_dump(by_alias=True))
    for path in files_of_corruption(config.corruption.model_dump(by_alias=True)):
        if path not in named:
            raise UserError(
                "only files that the command names are read: add "
                f"corruption={config.corruption.name} " + shlex.quote(f"corruption.path={path}")
            )
    asked = assembly.source_settings(config)
    if "root" in asked and not _is_same_folder(str(stored.get("root")), command.data.root):
        raise _not_named("root", stored["root"])
    ours = config.data.target.startswith(f"{HOMES['data']}.")
    for key, value in asked.items():
        may_be_path = key == "path" if ours else key not in DataConfig.model_fields
        given = command.data.settings.get(key)
        if may_be_path and isinstance(value, str | list | dict) and value != given:
            raise _not_named(key, value)


def _is_same_folder(stored: str, named: str) -> bool:
    first, second = (os.path.realpath(os.path.expanduser(path)) for path in (stored, named))
    return first == second


def _not_named(key: str, value: Any) -> UserError:
    return UserError(
        "only files that the command names are read: give " + shlex.quote(f"data.{key}={value}")
    )


def sample_rows(config: RunConfig, corruptions: Sequence[str], samples: int) -> list[SampleRow]:
    """The first samples of the classes in turn, under each corruption."""
    dataset = assembly.load_dataset(config)
    train = dataset.train
    if config.data.crop is not None:
        train = replace(train, images=center_crop(train.tensor, config.data.crop))
    images, labels = train.unit_images(), train.labels
    found = Origin.of(images, labels)
    origin = replace(origin_of(train), mean=found.mean, std=found.std, places=train.places)
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
