"""From the dotted name in an option's ``_target_`` to the thing itself, and what it may be given.

An option's settings are the keyword-only parameters of its target: their names and annotated
types are the schema, so a user's own model or corruption is checked like a built-in one.
"""

import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from nullfit.config.messages import complaint, nearest
from nullfit.errors import UserError
from nullfit.garbage import uncollected


def locate(target: str, key: str, allow_targets: Iterable[str] = ()) -> Callable[..., Any]:
    """The function or class that ``target`` names, e.g. ``nullfit.corruptions.gaussian``.

    Only targets in nullfit and in the user's own ``allow_targets`` are imported at all; an alias
    that leads out of them (``nullfit.cli.os.system``) is refused as well, since a configuration
    from a stranger must not run arbitrary code.

    Raises:
        UserError: the target is not allowed, does not exist or cannot be called.
    """
    allowed = ["nullfit", *allow_targets]
    if not _within(target, allowed):
        raise UserError(
            f"{key}={target} is not allowed: it must lie in one of {allowed}.\n"
            f"If you trust that module, add allow_targets=[{target.rpartition('.')[0]}]."
        )
    module_name, _, attribute = target.rpartition(".")
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
    if not callable(found) or not _within(getattr(found, "__module__", "") or "", allowed):
        raise UserError(
            f"{key}={target} is not allowed: it is not a function or class of {allowed}."
        )
    return found  # type: ignore[no-any-return]


def _within(dotted: str, allowed: Iterable[str]) -> bool:
    return any(dotted == prefix or dotted.startswith(prefix + ".") for prefix in allowed)


def parameters(target: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The settings of an option: the keyword-only parameters of its target."""
    signature = inspect.signature(target)
    return {p.name: p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY}


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
        _schema(target).model_validate({k: v for k, v in settings.items() if k in declared})
    except ValidationError as error:
        return unknown + [complaint(problem, section) for problem in error.errors()]
    return unknown


def typed_settings(target: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that passed `check_settings`, in the types that ``target`` declares.

    A section with a type of its own (a pydantic model) becomes an instance of it.
    """
    checked = _schema(target).model_validate(dict(settings))
    return {name: getattr(checked, name) for name in parameters(target)}


def _first_path(key: str, value: Any) -> str:
    """``key`` with the keys below it, as the user wrote it: ``new.key``."""
    if isinstance(value, Mapping) and value:
        below, inner = next(iter(value.items()))
        return f"{key}.{_first_path(str(below), inner)}"
    return key


def _schema(target: Callable[..., Any]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (p.annotation, ... if p.default is p.empty else p.default)
        for name, p in parameters(target).items()
    }
    return create_model(
        target.__name__,
        __config__=ConfigDict(
            strict=True, allow_inf_nan=False, arbitrary_types_allowed=True, protected_namespaces=()
        ),
        **fields,
    )
