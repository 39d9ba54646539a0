"""Composing reads the files of a choice of options once.

Reading and merging them takes a fifth of a second, setting values a hundredth; thousands of tests
differ in values alone. What it comes to is what Hydra composes (`test_composition.py`). Whatever
is out of the ordinary, and every error, is left to Hydra. What was read is kept in files too, for
the processes that this one starts and for those that share its tests.
"""

import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import omegaconf.base
import pytest
from hydra._internal import defaults_list
from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra._internal.config_repository import ConfigRepository
from hydra.core.default_element import InputDefault
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.utils import JobRuntime
from hydra.plugins.config_source import ConfigResult
from hydra.types import RunMode
from omegaconf import DictConfig

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer, config_folder
from nullfit.config.local import local_file
from nullfit.config.validation import validate

by_hydra: Callable[..., DictConfig] = ConfigLoaderImpl.load_configuration
choices_by_hydra: Callable[..., DictConfig] = defaults_list._create_interpolation_map
read_by_hydra: Callable[..., ConfigResult | None] = ConfigRepository.load_config

parsed_by_hydra: Callable[..., Any] = OverridesParser.parse_rule
# The same few references are read again and again; what comes of reading is not changed.
references_read_once: Callable[..., Any] = cache(omegaconf.base.parse)


class Kept:
    """Texts and bytes by what they were made of, in files of a folder and in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, bytes] = {}

    def get(self, key: object, make: Callable[[], bytes]) -> bytes:
        """What was made of ``key`` before, here or in another process; else it is made now."""
        name = hashlib.sha256(repr(key).encode()).hexdigest()
        if name not in self._known:
            file = self.folder / name
            if not file.exists():
                own = file.with_suffix(f".{os.getpid()}")
                own.write_bytes(make())
                own.replace(file)
            self._known[name] = file.read_bytes()
        return self._known[name]


_given: list[Path] = []


def keep_in(folder: Path) -> None:
    """Keep in the folder of the process that started this one, which shares it among several."""
    _given[:] = [folder]


@cache
def _own() -> "tempfile.TemporaryDirectory[str]":
    """A folder for as long as this process lives."""
    return tempfile.TemporaryDirectory(prefix="kept")


def kept() -> Kept:
    """What this process keeps for the processes that it starts."""
    return Kept(*_given or [Path(_own().name)])


@contextmanager
def remembered() -> Iterator[None]:
    """Within it, Hydra composes from what it has read."""
    with pytest.MonkeyPatch.context() as patch:
        remember(kept(), patch.setattr)
        yield


def remember(files: Kept, put: Callable[[Any, str, Any], object] = setattr) -> None:
    """Have Hydra compose from what it has read, in this process or in that of ``files``."""
    put(ConfigLoaderImpl, "load_configuration", by_memory(files))
    put(ConfigRepository, "load_config", read_once(files))
    put(defaults_list, "_create_interpolation_map", choices_if_referred_to)
    put(OverridesParser, "parse_rule", words_read_once(files))
    put(omegaconf.base, "parse", references_read_once)


def compose_once() -> None:
    """Have Hydra, its grammar and our checks make what they make at their first use."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        remember(Kept(Path(folder)), patch.setattr)
        with composer():
            validate(compose_run([]))


def by_memory(files: Kept) -> Callable[..., DictConfig]:
    """Hydra's method, with a memory."""

    def load_configuration(
        self: ConfigLoaderImpl,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:
        rest = (run_mode, from_shell, validate_sweep_overrides)
        folders = [(entry.provider, entry.path) for entry in self.get_search_path().get_path()]
        try:
            _refuse_other_folders(folders)
            listed = files.get(("groups", folders), lambda: pickle.dumps(self.list_groups("")))
            groups: list[str] = pickle.loads(listed)
            parsed = OverridesParser.create().parse_overrides(overrides)
            values, chosen = _values_and_choices(parsed, groups)
            key = (config_name, *chosen, *rest, *folders, JobRuntime().get("name"))
            read = files.get(key, lambda: pickle.dumps(by_hydra(self, config_name, chosen, *rest)))
            config: DictConfig = pickle.loads(read)
            ConfigLoaderImpl._apply_overrides_to_config(values, config)
        except Exception:
            return by_hydra(self, config_name, overrides, *rest)
        _note(config, parsed)
        return config

    return load_configuration


def read_once(files: Kept) -> Callable[..., ConfigResult | None]:
    """Hydra's method that reads an option, which other choices share, once until it changes."""

    def load_config(self: ConfigRepository, config_path: str) -> ConfigResult | None:
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        if source is None or source.scheme() not in ("file", "pkg"):
            return read_by_hydra(self, config_path)
        key: tuple[object, ...] = ("option", source.provider, source.path, config_path)
        if source.scheme() == "file":
            state = os.stat(os.path.join(source.path, source._normalize_file_name(config_path)))
            key += (state.st_ino, state.st_size, state.st_mtime_ns)
        read = files.get(key, lambda: pickle.dumps(read_by_hydra(self, config_path)))
        result: ConfigResult | None = pickle.loads(read)
        return result

    return load_config


def words_read_once(files: Kept) -> Callable[..., Any]:
    """Hydra's method that parses a word of a command, which tests repeat, once."""

    def parse_rule(self: OverridesParser, s: str, rule_name: str) -> Any:
        def parse() -> bytes:
            return pickle.dumps(parsed_by_hydra(self, s, rule_name))

        return pickle.loads(files.get(("word", s, rule_name), parse))

    return parse_rule


def choices_if_referred_to(
    overrides: object, defaults: list[InputDefault], self_added: bool
) -> DictConfig:
    """Hydra's table of what is chosen, made only where a default refers to another choice.

    Hydra makes one for each file, which is a third of the time of composing.
    """
    if any(default.is_interpolation() for default in defaults):
        return choices_by_hydra(overrides, defaults, self_added)
    return DictConfig({})


def _values_and_choices(
    overrides: list[Override], groups: list[str]
) -> tuple[list[Override], list[str]]:
    """What sets a value of ours, and what chooses options or is for Hydra."""
    values, chosen = [], []
    for override in overrides:
        name = override.key_or_group
        changes = override.is_add() or override.is_delete() or override.is_force_add()
        if changes or override.is_sweep_override() or name == "hydra.searchpath":
            raise LookupError("their order matters, or other files")
        if override.is_hydra_override() or name in groups or "/" in name:
            chosen.append(override.input_line or "")
        else:
            values.append(override)
    return values, chosen


def _refuse_other_folders(folders: list[tuple[str | None, str | None]]) -> None:
    if local_file() is not None:
        raise LookupError("the same")
    for _, path in folders:
        if str(path).startswith("file:") and path != f"file://{config_folder()}":
            raise LookupError("files of a test, which may change")


def _note(config: DictConfig, overrides: list[Override]) -> None:
    """Put down the words and the folder, as Hydra does."""
    hydra = config.hydra
    words = [o for o in overrides if not o.is_hydra_override()]
    hydra.overrides.task = [o.input_line for o in words]
    hydra.runtime.cwd = os.getcwd()
    about = hydra.job.config.override_dirname
    hydra.job.override_dirname = get_overrides_dirname(
        words, about.exclude_keys, about.item_sep, about.kv_sep
    )
