"""Run-time checks of the functions that take or give arrays, and of no others.

`--jaxtyping-packages` has every call of every function of nullfit checked, which takes half of the
time of all tests. What is no array, mypy has checked. To be imported before the rest of
nullfit.
"""

import inspect
from collections.abc import Callable, Hashable
from functools import wraps
from types import FunctionType
from typing import Any, get_args

import jaxtyping

_FEW = 9

by_jaxtyping: Callable[..., Any] = jaxtyping.jaxtyped


def jaxtyped(*, typechecker: Any) -> Callable[[Any], Any]:
    """The decorator that jaxtyping puts before each function and class."""

    def decorated(thing: Any) -> Any:
        if not has_arrays(thing):
            return thing
        checked = by_jaxtyping(typechecker=typechecker)(thing)
        return once_for_each_kind(thing, checked) if isinstance(thing, FunctionType) else checked

    return decorated


def once_for_each_kind(
    function: Callable[..., Any], checked: Callable[..., Any]
) -> Callable[..., Any]:
    """The function, checked unless arguments of the same types and shapes have passed before.

    A check takes longer than many a function: of a training's thousand like steps it sees one.
    """
    if inspect.isgeneratorfunction(function):
        return checked
    passed: set[Hashable] = set()

    @wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        try:
            kinds = (*map(kind, args), *settings, *map(kind, settings.values()))
        except TypeError:
            return checked(*args, **settings)
        if kinds in passed:
            return function(*args, **settings)
        answer = checked(*args, **settings)
        passed.add(kinds)
        return answer

    return call


def kind(argument: Any) -> Hashable:
    """What a check sees of an argument.

    Raises:
        TypeError: it may see more than can be told in short.
    """
    if hasattr(argument, "shape") and hasattr(argument, "dtype"):
        return type(argument), tuple(argument.shape), argument.dtype
    if isinstance(argument, tuple) and len(argument) < _FEW:
        return type(argument), *map(kind, argument)
    if isinstance(argument, (tuple, list, dict, set, frozenset)):
        raise TypeError
    return type(argument)


def has_arrays(thing: Any) -> bool:
    """Whether a function, a method or the fields of a class are annotated with arrays."""
    if isinstance(thing, property):
        return any(has_arrays(part) for part in (thing.fget, thing.fset) if part is not None)
    for part in thing.__mro__ if inspect.isclass(thing) else [getattr(thing, "__func__", thing)]:
        if any(map(_is_array, inspect.get_annotations(part).values())):
            return True
    return False


def _is_array(annotation: Any) -> bool:
    """Whether it names an array somewhere; of a text, which is read later, it may."""
    if isinstance(annotation, str):
        return True
    if inspect.isclass(annotation) and issubclass(annotation, jaxtyping.AbstractArray):
        return True
    return any(map(_is_array, _parts(annotation)))


def _parts(annotation: Any) -> tuple[Any, ...]:
    """What a type is made of, the arguments of a callable included."""
    parts = get_args(annotation)
    return tuple(p for part in parts for p in (part if isinstance(part, list) else [part]))


jaxtyping.jaxtyped = jaxtyped
