"""What is wrong with a command line that Hydra cannot compose."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from hydra import compose
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nullfit.config.composer import CONFIG_NAME, option_files
from nullfit.config.paths_as_options import reader_of
from nullfit.errors import UserError, alike, nearest, one_of, words_of

_MISTYPED = 0.85  # how alike a name is to what was meant, of 1
_INTERNAL = {"_target_", "name"}  # keys of an option's file that no command gives


def diagnosis(parsed: Sequence[Override], error: Exception) -> UserError:
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
                    + (
                        reader_of(override.key_or_group, name)
                        or _classifier(override.key_or_group, name, options)
                        or nearest(name, options, f"{override.key_or_group}=")
                    )
                )
    if "Could not override 'scale'" in str(error):
        scale = next(o.input_line for o in parsed if o.key_or_group == "scale")
        return UserError(
            f"{scale} is the size of an experiment: choose one that has sizes, e.g. "
            "experiment=figure_1a (experiment=digits has one size only)."
        )
    try:
        composed = compose(CONFIG_NAME, choices)
        known = setting_names(composed)
    except (HydraException, OmegaConfBaseException):
        composed, known = DictConfig({}), []
    for override in parsed:
        key = override.key_or_group
        if known and key not in [*known, *groups] and not override.is_add() and "/" not in key:
            hint, section = _hint(override, parsed, known, groups), key.partition(".")[0]
            own = _own_function(section, composed)
            if own is not None and f" Did you mean {section}." not in hint:
                return UserError(
                    f"{key} is not in the file of {own}.\nIf the function has that setting, write "
                    f"+{override.input_line}, or put it into the file."
                )
            return UserError(f"{key} is not a setting.{hint}")
    return UserError(f"The configuration cannot be composed: {first_line(error)}")


def _classifier(group: str, name: str, options: Sequence[str]) -> str:
    """`` It is one of torchvision: …`` if an unknown model is; empty for any other.

    Its names take seconds to import, for which nobody waits who mistyped an option.
    """
    if group != "model" or get_close_matches(name, options, n=1, cutoff=_MISTYPED):
        return ""
    from nullfit.models.torchvision import classifiers

    known = {_letters(classifier): classifier for classifier in classifiers()}
    if (found := known.get(_letters(name))) is None:
        return ""
    return (
        f" It is one of torchvision: {words_of('model=torchvision', f'model.architecture={found}')}"
    )


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _own_function(section: str, config: DictConfig) -> str | None:
    """The target of an option of the user's own, whose settings need not all be in its file."""
    node: Any = config._get_node(section) if section in config else None
    target = str(node.get("_target_")) if OmegaConf.is_dict(node) else "None"
    return None if target == "None" or target.startswith("nullfit.") else target


def _hint(
    override: Override, parsed: Sequence[Override], known: Sequence[str], groups: Sequence[str]
) -> str:
    """What the user may have meant: another option that has it, the same name elsewhere, or else
    the nearest in its section.
    """
    key = override.key_or_group
    section, _, name = key.rpartition(".")
    if _options_with(section, name):
        return _choice(override, parsed, name)
    if key.startswith("hydra."):
        return " --hydra-help tells of Hydra's own settings."
    elsewhere = [k for k in known if k.rpartition(".")[2] == name]
    if not section:
        parts = [k for k in known if name in k.rpartition(".")[2].split("_")]
        elsewhere += sorted(parts, key=lambda k: len(k.rpartition(".")[2]))
    if elsewhere:  # a task's own settings before those of a group
        first = min(elsewhere, key=lambda k: k.partition(".")[0] in groups)
        return f" Did you mean {first}?"
    if section:
        siblings = [k.rpartition(".")[2] for k in known if k.rpartition(".")[0] == section]
        siblings = [sibling for sibling in siblings if sibling not in _INTERNAL]
        if not alike(name, siblings) and (close := _misspelt(section, name)):
            return f" Did you mean {section}.{close}?{_choice(override, parsed, close)}"
        if siblings:
            return nearest(name, siblings, f"{section}.")
    hint, upper = nearest(key, [*known, *groups]), [k for k in known if "." not in k]
    return hint if " Did you mean" in hint else nearest(key, [*upper, *groups])


def _choice(override: Override, parsed: Sequence[Override], name: str) -> str:
    """Which options have a setting of this name, and words that choose one and set it.

    The shortest name is that of the plainest one. Where the command chooses an option already, the
    other takes its place.
    """
    section = override.key_or_group.rpartition(".")[0]
    having, group = _options_with(section, name), section.replace(".", "/")
    chosen = any(other.key_or_group == group for other in parsed)
    value = (override.input_line or "").partition("=")[2]
    words = words_of(f"{group}={min(having, key=len)}", f"{section}.{name}={value}")
    which = "that" if len(having) == 1 else "one"
    return (
        f" It is one of {group}={one_of(having[:3])}: choose {which}"
        f"{' instead' if chosen else ', too'}, e.g. {words}"
    )


def _misspelt(section: str, name: str) -> str:
    """The setting of any option of a group that a name looks like; empty if none does."""
    files = option_files(section.replace(".", "/")).values()
    names = {str(key) for path in files for key in OmegaConf.load(path)} - _INTERNAL
    return next(iter(get_close_matches(name, sorted(names), n=1)), "")


def _options_with(section: str, name: str) -> list[str]:
    """The options of a group that have a setting of this name; ``hydra.launcher`` is a group."""
    if not section:
        return []
    files = option_files(section.replace(".", "/")).items()
    return sorted(option for option, path in files if name in OmegaConf.load(path))


def setting_names(config: DictConfig, prefix: str = "") -> list[str]:
    """The names of all settings, sections included, e.g. ``data`` and ``data.root``."""
    keys = []
    for key in map(str, config):
        keys.append(prefix + key)
        node: Any = config._get_node(key)
        if OmegaConf.is_dict(node):
            keys += setting_names(node, f"{prefix}{key}.")
    return keys


def first_line(error: BaseException) -> str:
    """What an error says, without what it adds."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
