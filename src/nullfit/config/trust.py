"""What only the user may decide, on the command line: no file that came from elsewhere does.

Someone who tries out the configuration of a stranger has not said that its code may run, nor where
files are to be written, to whom records are sent, and what a cluster is told.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from nullfit.config.composer import CONFIG_NAME
from nullfit.config.extensions import PROVIDER
from nullfit.errors import UserError, override, shown

_TARGETS = "allow_targets"
# Providers of options in Hydra's search path: conf/, Hydra itself, and what the user installed.
_OWN = ("main", "hydra", "schema", PROVIDER)
# What names a place or a server, and the values that a file may give it all the same.
_PLACES: dict[str, tuple[Any, ...]] = {
    "outputs": ("outputs",),
    "job": (),
    "output": (None,),
    "sweep_file.output": ("sweep.yaml",),
    "sweep_file.grid": ("corruption=none,random_labels seed=0,1,2",),  # words of a command to be
    "data.cache": (None,),
    "data.download": (False,),
    "logger.entity": (None,),
    "logger.project": ("nullfit",),
    "logger.mode": ("offline", "disabled"),
    "hydra.launcher.address": (None,),
    "hydra.launcher.setup": ([],),
    "hydra.launcher.options": ({},),
}
_SOURCE = "data.root"  # to be read from only, so that a file may name it; not to download to


def refuse_unasked_trust(config: DictConfig, overrides: Sequence[str]) -> None:
    """See that ``allow_targets`` comes from the command line, not from an option's file.

    Raises:
        UserError: a file sets it.
    """
    trusted = OmegaConf.select(config, _TARGETS, throw_on_resolution_failure=False)
    asked = any(override.partition("=")[0].lstrip("+") == _TARGETS for override in overrides)
    if trusted and not asked:
        raise UserError(
            f"{_TARGETS}={trusted} comes from a configuration file, and only you can allow code to "
            f"run.\nIf you trust those modules, add {override(_TARGETS, list(trusted))}"
        )


def refuse_foreign_places(
    config: DictConfig, typed: Sequence[Override], job: Sequence[str] = ()
) -> None:
    """See that no file of ``--config-dir`` says where a run writes, or which servers it talks to.

    ``typed`` are the words of the command line, ``job`` the overrides of a job of a grid.

    Raises:
        UserError: one does, by its own settings or by those of a grid. A grid may choose options
            of such a folder, too.
    """
    loader = GlobalHydra.instance().config_loader()
    if all(source.provider in _OWN for source in loader.get_sources()):
        return
    places = dict(_PLACES)
    if config.data.get("download"):
        places[_SOURCE] = ()
    said = [override.key_or_group for override in typed]
    asked = places.keys() & said  # a choice of a group says nothing of the places in it
    for word in job:
        name = word.partition("=")[0].lstrip("+~")
        for key in places:
            if name not in said and (_covers(name, key) or _covers(key, name)):
                raise _refusal(key, word.partition("=")[2], "a grid of a configuration file")
    lines = [o.input_line for o in typed if not o.is_sweep_override() and o.input_line]
    lines = list(job) or lines
    for file, content in _foreign(loader, lines):
        for key in places.keys() - asked:
            found, value = _set(content, key)
            if found and value not in places[key]:
                raise _refusal(key, value, file)


def _covers(outer: str, key: str) -> bool:
    return outer == key or key.startswith(f"{outer}.")


def _refusal(key: str, value: Any, file: str) -> UserError:
    return UserError(
        f"{key}={shown(value)} comes from {file}, and only you may say where files are written, "
        f"who is sent records and what a cluster is told.\nIf that is what you want, add "
        f"{shlex.quote(f'{key}={value}') if str(value).isprintable() else f'{key}=…'} "
        "to the command."
    )


def _foreign(loader: Any, overrides: list[str]) -> Iterable[tuple[str, Any]]:
    """The files of other folders than conf/ that take part in a composition, and what they set."""
    assert isinstance(loader, ConfigLoaderImpl)
    defaults = loader.compute_defaults_list(CONFIG_NAME, overrides, RunMode.RUN).defaults
    for default in defaults:
        loaded = loader._load_single_config(default, loader.repository)
        if loaded.provider not in _OWN:
            yield f"{loaded.path}", OmegaConf.to_container(loaded.config, resolve=False)


def _set(content: Any, key: str) -> tuple[bool, Any]:
    """Whether a file sets a key, and to what; a reference in place of its section does."""
    for part in key.split("."):
        if not isinstance(content, Mapping):
            return content is not None, content
        if part not in content:
            return False, None
        content = content[part]
    return True, content
