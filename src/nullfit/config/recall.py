"""The settings of a trained run, for tasks that start from its checkpoint."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_GROUPS = ("data", "model", "corruption", "optimizer", "schedule")
_REGULARIZERS = "regularizer"


def recalled(config: Mapping[str, Any], overrides: Sequence[str]) -> list[str]:
    """Overrides that repeat a run's settings, but for the groups that ``overrides`` choose anew.

    ``config`` comes from a file that may not be trusted, so only names of options and plain
    values are taken from it, never a ``_target_`` or ``allow_targets``.
    """
    chosen = {override.partition("=")[0].lstrip("+") for override in overrides}
    repeated = []
    for group in _GROUPS:
        if group not in chosen and isinstance(config.get(group), Mapping):
            repeated.append(f"{group}={_quoted(config[group].get('name'))}")
            repeated += [f"++{group}.{key}={value}" for key, value in _settings(config[group])]
    regularizers = config.get(_REGULARIZERS)
    if _REGULARIZERS not in chosen and isinstance(regularizers, Mapping):
        present = [name for name, value in regularizers.items() if isinstance(value, Mapping)]
        repeated.append(f"{_REGULARIZERS}=[{','.join(map(_quoted, present))}]")
        for name in present:
            values = _settings(regularizers[name])
            repeated += [f"++{_REGULARIZERS}.{name}.{key}={value}" for key, value in values]
    for key in ("seed", "study"):
        if isinstance(config.get(key), int | str) and key not in chosen:
            repeated.append(f"{key}={_quoted(config[key])}")
    return repeated


def _settings(section: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in section.items():
        if str(key).isidentifier() and key not in ("name", "_target_"):
            yield key, _quoted(value)


def _quoted(value: Any) -> str:
    """A value in Hydra's grammar for overrides."""
    if isinstance(value, str):
        # A reference (${…}) stays text: it would be looked up in this run, or its environment.
        return json.dumps(value, ensure_ascii=False).replace("${", "\\${")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_quoted(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_quoted, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else repr(value)
