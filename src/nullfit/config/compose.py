"""From the words of a command line to composed configurations, with errors for people."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nullfit.config.grids import grid_jobs
from nullfit.config.identity import register_resolvers
from nullfit.config.messages import nearest
from nullfit.errors import UserError

CONFIG_NAME = "config"
_OPTIONAL = ("recipe", "experiment")  # groups that need not be chosen


def config_folder() -> Path:
    """The folder of the config groups: in the installed package, or beside ``src`` in a clone."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "conf"
    return installed if installed.is_dir() else package.parents[1] / "conf"


@contextmanager
def composer(config_dir: str | None = None) -> Iterator[None]:
    """Within it, `compose_run` and `compose_grid` work; ``config_dir`` adds a folder of options.

    Raises:
        UserError: ``config_dir`` is no folder.
    """
    if config_dir is not None and not Path(config_dir).is_dir():
        raise UserError(f"--config-dir {config_dir}: there is no such folder.")
    register_resolvers()
    with initialize_config_dir(str(config_folder()), version_base="1.3", job_name="nullfit"):
        if config_dir is not None:
            search = create_config_search_path(str(config_folder()))
            folder = f"file://{Path(config_dir).resolve()}"
            search.prepend("command-line", folder, SearchPathQuery(provider="schema"))
            GlobalHydra.instance().clear()
            Hydra.create_main_hydra2("nullfit", search)
        yield


def option_files(group: str) -> dict[str, Path]:
    """The YAML files of a group's options, those of ``--config-dir`` included, by option."""
    folders = [config_folder()]
    if GlobalHydra.instance().is_initialized():
        sources = GlobalHydra.instance().config_loader().get_sources()
        folders += [Path(s.path) for s in sources if s.scheme() == "file"]
    return {path.stem: path for folder in folders for path in folder.glob(f"{group}/*.yaml")}


def compose_run(overrides: Sequence[str]) -> DictConfig:
    """One configuration, Hydra's own part included.

    Raises:
        UserError: a group, an option or a key does not exist, or an override cannot be read.
    """
    parsed = _parse(overrides)
    _refuse_nameless(parsed)
    try:
        return compose(CONFIG_NAME, list(overrides), return_hydra_config=True)
    except (HydraException, OmegaConfBaseException, KeyError) as error:
        raise _diagnose(parsed, error) from error


@dataclass(frozen=True)
class Plan:
    """The jobs of a command line: each one's configuration by its overrides, in order.

    Overrides of Hydra's own settings are left out of the keys, as a launcher gets them.
    """

    multirun: bool
    jobs: dict[tuple[str, ...], DictConfig]

    @property
    def configs(self) -> list[DictConfig]:
        """The configurations of all jobs."""
        return list(self.jobs.values())


def compose_grid(overrides: Sequence[str], *, multirun: bool) -> Plan:
    """What a command line asks for: one job, or the jobs of a grid.

    A grid is asked for by ``--multirun``, or by an experiment that sets ``hydra.mode``.

    Raises:
        UserError: as `compose_run`, or a grid is written without ``-m``.
    """
    parsed = _parse(overrides)
    fixed = [o.input_line for o in parsed if not o.is_sweep_override() and o.input_line]
    base = compose_run(fixed)
    if not (multirun or base.hydra.mode == RunMode.MULTIRUN):
        swept = next((o for o in parsed if o.is_sweep_override()), None)
        if swept is not None:
            raise UserError(
                f"{swept.input_line} asks for several runs: add -m for a grid, or put the value in "
                f"brackets if it is one list: '{swept.key_or_group}=[…]'."
            )
        return Plan(False, {tuple(fixed): base})
    sweeper = base.hydra.sweeper
    try:
        jobs = grid_jobs(_parse, sweeper.get("params"), sweeper.get("grids"), parsed)
    except HydraException as error:
        raise UserError(f"{_first_line(error)}.") from error
    compose_job = _Composer()
    hydras_own = {o.input_line for o in parsed if o.is_hydra_override()}
    return Plan(
        True, {tuple(o for o in job if o not in hydras_own): compose_job(job) for job in jobs}
    )


class _Composer:
    """Composes the jobs of a grid; those that choose the same options differ in values alone.

    Reading and merging the files of all groups takes a tenth of a second, setting values a
    fraction of that.
    """

    def __init__(self) -> None:
        self._groups = GlobalHydra.instance().config_loader().list_groups("")
        self._bases: dict[tuple[str, ...], DictConfig] = {}

    def __call__(self, job: Sequence[str]) -> DictConfig:
        parsed = _parse(job)
        values = [o for o in parsed if self._is_value(o)]
        choices = tuple(o.input_line or "" for o in parsed if not self._is_value(o))
        if choices not in self._bases:
            self._bases[choices] = compose_run(choices)
        config = copy.deepcopy(self._bases[choices])
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


def _parse(overrides: Sequence[str]) -> list[Override]:
    loader = GlobalHydra.instance().config_loader()
    try:
        return OverridesParser.create(config_loader=loader).parse_overrides(list(overrides))
    except HydraException as error:
        what = _first_line(error)
        if what.startswith("LexerNoViableAlt"):
            what = f"{what.partition(': ')[2]} has characters that need quotes"
        raise UserError(
            f"{what}.\nWrite key=value or group=option, lists as 'key=[a,b]' in quotes; see --help."
        ) from error


def _refuse_nameless(parsed: Sequence[Override]) -> None:
    """See that groups are given names of options; Hydra fails over anything else.

    Raises:
        UserError: a group is given null, a number or the like.
    """
    loader = GlobalHydra.instance().config_loader()
    groups = loader.list_groups("")
    for override in parsed:
        group, chosen = override.key_or_group, override.value()
        if override.is_delete() or (group not in groups and "/" not in group):
            continue
        names = chosen if isinstance(chosen, list) else [chosen]
        if not all(isinstance(name, str) for name in names) and not (
            chosen is None and group in _OPTIONAL
        ):
            raise UserError(
                f"{override.input_line} names no option of {group}."
                + nearest(str(chosen), loader.get_group_options(group), f"{group}=")
            )


def _diagnose(parsed: Sequence[Override], error: Exception) -> UserError:
    """Find the override that Hydra stumbled over, and say it in a line."""
    loader = GlobalHydra.instance().config_loader()
    groups = [group for group in loader.list_groups("") if group != "hydra"]
    choices = []
    for override in parsed:
        if override.key_or_group not in groups and "/" not in override.key_or_group:
            continue
        choices.append(override.input_line or "")
        options = loader.get_group_options(override.key_or_group)
        chosen = override.value()
        for name in map(str, chosen if isinstance(chosen, list) else [chosen]):
            if options and name not in (*options, "None"):
                return UserError(
                    f"{override.key_or_group}={name} does not exist."
                    + nearest(name, options, f"{override.key_or_group}=")
                )
    if "Could not override 'scale'" in str(error):
        scale = next(o.input_line for o in parsed if o.key_or_group == "scale")
        return UserError(
            f"{scale} is the size of an experiment: choose one that has sizes, e.g. "
            "experiment=figure_1a (experiment=digits has one size only)."
        )
    try:
        known = _keys(compose(CONFIG_NAME, choices))
    except (HydraException, OmegaConfBaseException):
        known = []
    for override in parsed:
        key = override.key_or_group
        if known and key not in [*known, *groups] and not override.is_add() and "/" not in key:
            return UserError(f"{key} is not a setting.{_hint(key, known, groups)}")
    return UserError(f"The configuration cannot be composed: {_first_line(error)}")


def _hint(key: str, known: Sequence[str], groups: Sequence[str]) -> str:
    """What the user may have meant: another option that has it, the same name elsewhere, or else
    the nearest in its section.
    """
    section, _, name = key.rpartition(".")
    if having := _options_with(section, name):
        group = section.replace(".", "/")
        return f" It is one of {group}={' and '.join(having[:3])}: choose that, too."
    elsewhere = [k for k in known if k.rpartition(".")[2] == name]
    if elsewhere:
        return f" Did you mean {elsewhere[0]}?"
    siblings = [k.rpartition(".")[2] for k in known if k.rpartition(".")[0] == section]
    if section and siblings:
        return nearest(name, siblings, f"{section}.")
    if " Did you mean" in (hint := nearest(key, [*known, *groups])):
        return hint
    return nearest(key, [*(k for k in known if "." not in k), *groups])


def _options_with(section: str, name: str) -> list[str]:
    """The options of a group that have a setting of this name; ``hydra.launcher`` is a group."""
    if not section:
        return []
    files = option_files(section.replace(".", "/")).items()
    return sorted(option for option, path in files if name in OmegaConf.load(path))


def _keys(config: DictConfig, prefix: str = "") -> list[str]:
    keys = []
    for key in map(str, config):
        keys.append(prefix + key)
        node: Any = config._get_node(key)
        if OmegaConf.is_dict(node):
            keys += _keys(node, f"{prefix}{key}.")
    return keys


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
