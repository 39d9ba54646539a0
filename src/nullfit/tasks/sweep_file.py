"""``task=sweep_file``: a grid as a sweep of Weights & Biases, whose agents carry it out."""

import shlex
import sys
from pathlib import Path
from typing import Any

import yaml
from hydra._internal.utils import get_args_parser

from nullfit.config.free_text import with_quotes
from nullfit.config.grids import product_of
from nullfit.config.plan import Plan, compose_grid
from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.config.sections.section import Section
from nullfit.config.validation import validate
from nullfit.console.messages import name_files, number_of, say
from nullfit.errors import UserError
from nullfit.system.files import at_home, write_text

# What agents do is of no use to W&B unless it is told; words of the grid may say otherwise.
_ONLINE = {"logger": "logger=wandb", "logger.mode": "logger.mode=online"}


class SweepFileSettings(Section):
    """The words of the grid, and the file."""

    grid: str
    output: str


def sweep_file(config: RunConfig, folder: Path, *, sweep_file: SweepFileSettings) -> None:
    """Check a grid as ``-m`` does, and write it for ``wandb sweep``: each job is an agent's run.

    Raises:
        UserError: a word is wrong, a job is impossible, the grid is no product, or its runs would
            not be uploaded.
    """
    words = _words(sweep_file.grid)
    plan = compose_grid(words, multirun=True)
    runs = [validate(job) for job in plan.configs]
    _refuse_unrecorded(runs)
    path = Path(at_home(sweep_file.output))
    sweep = _sweep(plan, runs[0])
    write_text(path, yaml.safe_dump(sweep, sort_keys=False, allow_unicode=True))
    name_files([path])
    begin = f"wandb sweep {shlex.quote(str(path))}"
    say(f"  {number_of(len(runs), 'run')}; {begin} begins the sweep, and names its agents")


def _words(grid: str) -> list[str]:
    """The words of the grid as Hydra reads them, and those that have its runs uploaded."""
    try:
        words = shlex.split(grid)
    except ValueError as error:
        raise UserError(f"sweep_file.grid={grid} cannot be read: {error}.") from error
    if flags := [word for word in words if word.startswith("-")]:
        raise UserError(f"sweep_file.grid has {flags[0]}: give words such as seed=0,1,2 alone.")
    given = {word.partition("=")[0] for word in words}
    added = [] if "logger" in given else [_ONLINE["logger"]]
    if "logger.mode" not in given and ("logger" not in given or "logger=wandb" in words):
        added.append(_ONLINE["logger.mode"])
    return with_quotes(["-m", *added, *words])[1:]


def _refuse_unrecorded(runs: list[RunConfig]) -> None:
    for run in runs:
        logger = run.logger
        mode = logger.mode if isinstance(logger, WandbLogger) else None
        if mode != "online":
            said = f"logger={logger.name}" if mode is None else f"logger.mode={mode}"
            raise UserError(
                f"sweep_file.grid has {said}, and the server of a sweep has to hear of its runs: "
                "leave it out, or give logger.mode=online."
            )


def _sweep(plan: Plan, first: RunConfig) -> dict[str, Any]:
    axes = product_of(plan.typed, plan.jobs)
    if axes is None:
        raise UserError(
            "sweep_file.grid is a union of several grids, and a sweep of W&B is one product: give "
            "the values of one of them, and write a file for each."
        )
    if not axes:
        raise UserError("sweep_file.grid is one run, and a sweep needs several: give seed=0,1,2.")
    parameters = {key: {"values": [_value(value) for value in values]} for key, values in axes}
    varied = {key for key, _ in axes}
    fixed = [str(word.input_line) for word in plan.typed if word.get_key_element() not in varied]
    logger = first.logger
    assert isinstance(logger, WandbLogger)
    installed = Path(sys.argv[0]).stem == "nullfit"
    own = get_args_parser().parse_args().config_dir
    return {
        "name": first.study,
        "project": logger.project,
        **({} if logger.entity is None else {"entity": logger.entity}),
        "method": "grid",
        "program": "nullfit" if installed else "run.py",
        "command": [
            *(["nullfit"] if installed else ["python", "run.py"]),
            *([] if own is None else ["--config-dir", str(Path(own).resolve())]),
            *fixed,
            "${args_no_hyphens}",
        ],
        "parameters": parameters,
    }


def _value(text: str) -> str | int | float:
    """A value as W&B is to show it, which gives it back to the command as it was written."""
    number = yaml.safe_load(text)
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return number if is_number and str(number) == text else text
