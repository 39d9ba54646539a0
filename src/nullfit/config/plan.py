"""The jobs of a command line: one, or those of a grid."""

import pickle
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nullfit.config.compose import compose_run
from nullfit.config.diagnosis import first_line
from nullfit.config.environment import first_line_of
from nullfit.config.grids import grid_jobs
from nullfit.config.messages import has_levels, without_brackets
from nullfit.config.overrides import parse
from nullfit.config.search import OPTUNA, space_of
from nullfit.errors import UserError, command, in_python


@dataclass(frozen=True)
class Plan:
    """The jobs of a command line: each one's configuration by its overrides, in order.

    ``typed`` are the words of the command line, ``base`` is what they come to without its sweeps.
    Overrides of Hydra's own settings are left out of the keys, as a launcher gets them.
    """

    multirun: bool
    typed: list[Override]
    base: DictConfig
    jobs: dict[tuple[str, ...], DictConfig]

    @property
    def configs(self) -> list[DictConfig]:
        """The configurations of all jobs."""
        return list(self.jobs.values())


def compose_grid(overrides: Sequence[str], *, multirun: bool, typed: Sequence[str] = ()) -> Plan:
    """What a command line asks for: one job, or the jobs of a grid.

    A refusal repeats the command as it was ``typed``, flags included, where that is given.

    A grid is asked for by ``--multirun``, or by an experiment that sets ``hydra.mode``.

    Raises:
        UserError: as `compose_run`, or a grid is written without ``-m``.
    """
    parsed = parse(overrides)
    fixed = [o.input_line for o in parsed if not o.is_sweep_override() and o.input_line]
    base = compose_run(fixed)
    if not (multirun or base.hydra.mode == RunMode.MULTIRUN):
        swept = next((o for o in parsed if o.is_sweep_override()), None)
        if swept is not None:
            now = OmegaConf.select(base, swept.key_or_group)
            raise UserError(_about_sweep(swept, now, typed or overrides))
        return Plan(False, parsed, base, {tuple(fixed): base})
    sweeper = base.hydra.sweeper
    try:
        if sweeper.get("_target_") == OPTUNA:  # the other jobs follow from what this one comes to
            space = space_of(parse, sweeper.get("params"), parsed)
            jobs = [space.job(space.first)]
        else:
            jobs = grid_jobs(parse, sweeper.get("params"), sweeper.get("grids"), parsed)
    except HydraException as error:
        raise UserError(f"{first_line(error)}.") from error
    except OmegaConfBaseException as error:
        raise UserError(f"hydra.sweeper: {first_line_of(error)}.") from error
    compose_job = _Composer()
    hydras_own = {o.input_line for o in parsed if o.is_hydra_override()}
    composed = {tuple(o for o in job if o not in hydras_own): compose_job(job) for job in jobs}
    return Plan(True, parsed, base, composed)


def values_of_grids(words: Sequence[str]) -> dict[str, str]:
    """Overrides with one value of what an experiment's grids vary, as Hydra takes them.

    A setting of an option that the grids choose, such as ``corruption.probability``, is none yet
    where the experiment itself has another option. As a choice of one it is for the jobs, as a
    list of values is.
    """
    if not any(word.startswith("experiment=") for word in words):
        return {}
    fixed = [o for o in parse(words) if not o.is_sweep_override() and o.input_line]
    groups = GlobalHydra.instance().config_loader().list_groups("")
    chosen = [
        o.input_line or "" for o in fixed if o.key_or_group in groups or o.is_hydra_override()
    ]
    base = compose_run(chosen)
    varied = {key for grid in base.hydra.sweeper.get("grids") or [] for key in grid}
    return {
        o.input_line or "": f"{key}=choice({o.get_value_element_as_str()})"
        for o in fixed
        if (key := o.get_key_element()) in varied - set(groups) and not _has(base, key)
    }


def _has(config: DictConfig, key: str) -> bool:
    section, _, name = key.rpartition(".")
    node = OmegaConf.select(config, section) if section else config
    return OmegaConf.is_dict(node) and name in node


def _about_sweep(swept: Override, now: Any, typed: Sequence[str]) -> str:
    """What may be meant by a value that stands for several, without a grid.

    ``now`` is the setting's present value, ``typed`` are the words of the whole command.
    """
    key, _, text = str(swept.input_line).partition("=")
    if refusal := without_brackets(key, text):
        return refusal
    how = f"add -m for a grid, {command(*typed, grid=True)}"
    grid = "use nullfit.sweep for a grid." if in_python() else how
    said = f"{key}={text} asks for several runs: {grid}"
    if isinstance(now, float) and re.fullmatch(r"[+-]?\d+,\d+", text):
        return f"{said}\nIf it is one number, write a point: {key}={text.replace(',', '.')}"
    if isinstance(now, ListConfig | None) and not has_levels(key):
        return f"{said}\nIf it is one list, put it in brackets: '{key}=[{text}]'"
    return said


class _Composer:
    """Composes the jobs of a grid; those that choose the same options differ in values alone.

    Reading and merging the files of all groups takes a tenth of a second, setting values a
    fraction of that.
    """

    def __init__(self) -> None:
        self._groups = GlobalHydra.instance().config_loader().list_groups("")
        self._bases: dict[tuple[str, ...], bytes] = {}  # pickled, which copies quickest

    def __call__(self, job: Sequence[str]) -> DictConfig:
        parsed = parse(job)
        values = [o for o in parsed if self._is_value(o)]
        choices = tuple(o.input_line or "" for o in parsed if not self._is_value(o))
        if choices not in self._bases:
            self._bases[choices] = pickle.dumps(compose_run(choices))
        config: DictConfig = pickle.loads(self._bases[choices])
        try:
            ConfigLoaderImpl._apply_overrides_to_config(values, config)
        except (HydraException, OmegaConfBaseException):
            return compose_run(job)  # which says what is wrong
        config.hydra.overrides.task = [o.input_line for o in parsed if not o.is_hydra_override()]
        return config

    def _is_value(self, override: Override) -> bool:
        """Whether it sets a value, and chooses or adds nothing."""
        group = override.key_or_group in self._groups or "/" in override.key_or_group
        changes = override.is_add() or override.is_delete() or override.is_force_add()
        return not (group or changes or override.is_hydra_override())
