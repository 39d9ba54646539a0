"""JSON and YAML of strangers as plain values: fields, lists, texts and numbers, none extreme.

What can be written in a few bytes and stops whoever reads it is refused: references that unfold to
any size, nesting without end, integers of thousands of digits.
"""

import json
from typing import Any

import yaml

from nullfit.errors import shown
from nullfit.system.shallow_yaml import DEEPEST, LOADER, shallow_events

_MOST_VALUES = 4_000_000  # in a file; a confusion matrix of 1,000 classes has a million
_LONGEST_WORD = 10_000  # characters of a value in YAML without quotes, which may be a number
_LARGEST = 2**63  # what a column of whole numbers holds


def json_values(content: bytes) -> Any:
    """The values of a JSON file.

    Raises:
        ValueError: it is no JSON, or holds what no result does.
    """
    if content.count(b",") > _MOST_VALUES:
        raise ValueError(f"it has more than {_MOST_VALUES:,} values")
    try:
        values = json.loads(content.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _check(values)
    return values


def yaml_values(content: bytes) -> Any:
    """The values of a YAML file without references and tags.

    Raises:
        ValueError: it is no YAML, or holds what no configuration does.
    """
    text = content.decode("utf-8")
    try:
        _look_through(text)
        values = yaml.load(text, LOADER)
    except (yaml.YAMLError, ArithmeticError) as error:
        raise ValueError((str(error).splitlines() or [repr(error)])[0]) from error
    _check(values)
    return values


def _look_through(text: str) -> None:
    """Refuse what must not be loaded."""
    for event in shallow_events(text):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("it has a reference (*…) in it")
        if isinstance(event, yaml.CollectionStartEvent | yaml.ScalarEvent) and event.tag:
            raise ValueError(f"it has a tag ({shown(event.tag)}) in it")
        if isinstance(event, yaml.ScalarEvent) and _is_endless(event):
            raise ValueError(f"a value in it has more than {_LONGEST_WORD:,} characters")


def _is_endless(event: yaml.ScalarEvent) -> bool:
    """Whether it may be a number that takes long to read."""
    return event.implicit[0] and len(event.value) > _LONGEST_WORD


def _check(value: Any, depth: int = 0) -> None:
    """Refuse nesting without end, and values that are neither text nor an ordinary number."""
    if depth > DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(value, dict):
        for key, item in value.items():
            _check(key, DEEPEST)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, str):
        if not value.isascii():
            value.encode()  # half a surrogate pair can be written nowhere
    elif isinstance(value, int):
        if not -_LARGEST <= value < _LARGEST:
            raise ValueError("it has a whole number of more than 64 bits")
    elif value is not None and not isinstance(value, float):
        raise ValueError(f"it has a {type(value).__name__} in it")
