"""The settings of a trained run, for tasks that start from its checkpoint."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nullfit.config.content import FILES_OF_CORRUPTIONS
from nullfit.errors import UserError, shown

_GROUPS = ("data", "model", "corruption", "loss", "optimizer", "schedule")
_REGULARIZERS = "regularizer"
_LENGTH = ("max_epochs", "min_samples", "stop_at_train_accuracy")  # of trainer
_OPTION = re.compile(r"[A-Za-z0-9_]+")  # a file of the group, and of no other folder
# Where data lie on this machine is the command's to say, not a checkpoint's.
PLACES = {
    "data": ("root", "path", "cache", "download", "leave_out"),
    "corruption": FILES_OF_CORRUPTIONS,
}


def recalled(
    config: Mapping[str, Any], overrides: Sequence[str], *, length: bool = False
) -> list[str]:
    """Overrides that repeat a run's settings, but for the groups that ``overrides`` choose anew.

    With ``length`` they also say how long it was trained, which tells its network from others.
    ``config`` comes from a file that may not be trusted, so only names of options and plain
    values are taken from it, never a ``_target_``, ``allow_targets`` or a place of files.

    Raises:
        UserError: it names an option that can be none.
    """
    chosen = {override.partition("=")[0].lstrip("+") for override in overrides}
    repeated = []
    for group in _GROUPS:
        if group not in chosen and isinstance(config.get(group), Mapping):
            repeated.append(f"{group}={_option(group, config[group].get('name'))}")
            values = _settings(config[group], PLACES.get(group, ()))
            repeated += [f"++{group}.{key}={value}" for key, value in values]
    regularizers = config.get(_REGULARIZERS)
    if _REGULARIZERS not in chosen and isinstance(regularizers, Mapping):
        present = [name for name, value in regularizers.items() if isinstance(value, Mapping)]
        repeated.append(
            f"{_REGULARIZERS}=[{','.join(_option(_REGULARIZERS, name) for name in present)}]"
        )
        for name in present:
            values = _settings(regularizers[name])
            repeated += [f"++{_REGULARIZERS}.{name}.{key}={value}" for key, value in values]
    for key in ("seed", "study"):
        if isinstance(config.get(key), int | str) and key not in chosen:
            repeated.append(f"{key}={_quoted(config[key])}")
    seeds = config.get("seeds")
    for key, seed in seeds.items() if isinstance(seeds, Mapping) else ():
        if isinstance(seed, int) and f"seeds.{key}" not in chosen:
            repeated.append(f"seeds.{_option('seeds', key)}={seed}")
    trainer = config.get("trainer")
    if length and isinstance(trainer, Mapping):
        repeated += [f"trainer.{k}={_quoted(trainer[k])}" for k in _LENGTH if k in trainer]
    return repeated


def _option(group: str, name: Any) -> str:
    if not (isinstance(name, str) and _OPTION.fullmatch(name)):
        raise UserError(
            f"the checkpoint's {group}.name={shown(name)} is no name of an option: use letters, "
            f"digits and _ only, or choose one yourself: {group}=…."
        )
    return name


def _settings(
    section: Mapping[str, Any], left_out: Sequence[str] = ()
) -> Iterator[tuple[str, str]]:
    for key, value in section.items():
        if str(key).isidentifier() and key not in ("name", "_target_", *left_out):
            yield key, _quoted(_without(value, left_out) if key == "steps" else value)


def _without(steps: Any, left_out: Sequence[str]) -> Any:
    """The steps of a chain without some of their settings."""
    if not isinstance(steps, list | tuple):
        return steps
    return [
        {key: value for key, value in step.items() if key not in left_out}
        if isinstance(step, Mapping)
        else step
        for step in steps
    ]


def _key(name: Any) -> str:
    """The name of a nested setting, which Hydra's grammar has no quotes for."""
    if not str(name).isidentifier():
        raise UserError(f"the checkpoint has a setting {shown(name)}, which is no name.")
    return str(name)


def _quoted(value: Any) -> str:
    """A value in Hydra's grammar for overrides."""
    if isinstance(value, str):
        # A reference (${…}) stays text: it would be looked up in this run, or its environment.
        return json.dumps(value, ensure_ascii=False).replace("${", "\\${")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(k)}:{_quoted(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_quoted, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else repr(value)
