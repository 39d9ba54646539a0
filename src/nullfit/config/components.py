"""From the dotted name in an option's ``_target_`` to the thing itself, and what it may be given.

An option's settings are the keyword-only parameters of its target: their names and annotated
types are the schema, so a user's own model or corruption is checked like a built-in one.
"""

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from nullfit.config.extensions import trusted_package
from nullfit.config.messages import complaints
from nullfit.config.schema import RunConfig
from nullfit.config.targets import HOMES
from nullfit.errors import UserError, nearest, shown
from nullfit.system.garbage import uncollected


def locate(target: str, group: str, allow_targets: Iterable[str] = ()) -> Callable[..., Any]:
    """The function or class that ``target`` names, e.g. ``nullfit.corruptions.gaussian``.

    Only targets among nullfit's own options of the group, those that options of an installed
    extension name, and those in the user's own ``allow_targets`` are imported at all; an alias that
    leads out of them (``nullfit.models.build.partial``) is refused as well, since a configuration
    from a stranger must not run arbitrary code.

    Raises:
        UserError: the target is not allowed, does not exist or cannot be called.
    """
    key = f"{group}._target_"
    group = "probe" if group.startswith("probes.") else group
    allowed = [HOMES[group], *allow_targets]
    if package := trusted_package(target, group):
        allowed.append(package)
    module_name, _, attribute = target.rpartition(".")
    if not (_is_dotted_name(target) and _within(module_name, allowed)):
        trust = f"\nIf you trust that module, add allow_targets=[{module_name}]."
        raise UserError(
            f"{key}={shown(target)} is not allowed: it must lie in one of {allowed}."
            + ("" if module_name in ("", "nullfit") or _within(module_name, ["nullfit"]) else trust)
        )
    try:
        with uncollected():
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise UserError(
            f"{key}={target} cannot be imported: no module named {error.name!r}.\n"
            "Start the command in the folder that holds it, or put that folder on PYTHONPATH."
        ) from error
    try:
        found = getattr(module, attribute)
    except AttributeError as error:
        raise UserError(
            f"{key}={target} does not exist: {module_name} has no {attribute!r}."
            + nearest(attribute, [name for name in vars(module) if not name.startswith("_")])
        ) from error
    if not _has_settings(found) or not _within(getattr(found, "__module__", "") or "", allowed):
        raise UserError(
            f"{key}={target} is not allowed: it is not a function or class of {allowed}."
        )
    return found  # type: ignore[no-any-return]


def target_of(run: RunConfig, section: str) -> Callable[..., Any]:
    """The function or class behind the chosen option of a group, or of one of several probes."""
    if run.allow_targets and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # the user's own modules, named by the user
    return locate(component_of(run, section).target, section, run.allow_targets)


def component_of(run: RunConfig, section: str) -> Any:
    """The section of the chosen option of a group, or of one of several probes."""
    return run.probe_sections.get(section) or getattr(run, section)


def _within(dotted: str, allowed: Iterable[str]) -> bool:
    return any(dotted == prefix or dotted.startswith(prefix + ".") for prefix in allowed)


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _has_settings(found: Any) -> bool:
    """Whether it can be called, and says with what."""
    try:
        return callable(found) and bool(inspect.signature(found))
    except (ValueError, TypeError):
        return False


def parameters(target: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The settings of an option: the keyword-only parameters of its target."""
    signature = inspect.signature(target)
    return {p.name: p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY}


def positional(target: Callable[..., Any]) -> list[str]:
    """The parameters that are not keyword-only, and so no settings."""
    found = inspect.signature(target).parameters.values()
    return [p.name for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def check_settings(
    target: Callable[..., Any], settings: Mapping[str, Any], section: str, also: Iterable[str] = ()
) -> list[str]:
    """What is wrong with ``settings`` for ``target``, one sentence each; empty if nothing is.

    ``section`` is where the settings stand in the configuration (``model``; empty for the top
    level) and ``also`` names further keys of that section, for suggestions.
    """
    declared = parameters(target)
    known = [*declared, *also]
    prefix = f"{section}." if section else ""
    owner = f" of {target.__name__}" if section else ""
    unknown = [
        f"{prefix}{_first_path(key, value)} is not a setting{owner}." + nearest(key, known, prefix)
        for key, value in settings.items()
        if key not in declared
    ]
    try:
        settings_model(target).model_validate({k: v for k, v in settings.items() if k in declared})
    except ValidationError as error:
        return unknown + complaints(error.errors(), section)
    return unknown


def typed_settings(target: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that passed `check_settings`, in the types that ``target`` declares.

    A section with a type of its own (a pydantic model) becomes an instance of it.
    """
    checked = settings_model(target).model_validate(dict(settings))
    return {name: getattr(checked, name) for name in parameters(target)}


def _first_path(key: str, value: Any) -> str:
    """``key`` with the keys below it, as the user wrote it: ``new.key``."""
    if isinstance(value, Mapping) and value:
        below, inner = next(iter(value.items()))
        return f"{key}.{_first_path(str(below), inner)}"
    return key


@cache  # making the type takes longer than checking with it
def settings_model(target: Callable[..., Any]) -> type[BaseModel]:
    """The settings of an option as a type: a field for each keyword-only parameter."""
    fields: dict[str, Any] = {
        name: (
            Any if p.annotation is p.empty else p.annotation,
            ... if p.default is p.empty else p.default,
        )
        for name, p in parameters(target).items()
    }
    return create_model(
        target.__name__,
        __config__=ConfigDict(
            strict=True, allow_inf_nan=False, arbitrary_types_allowed=True, protected_namespaces=()
        ),
        **fields,
    )
