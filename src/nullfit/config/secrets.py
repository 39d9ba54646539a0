"""Keys and passwords that must not get into a configuration, since runs write it down."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nullfit.errors import UserError

_SECRET = re.compile(
    r"KEY|TOKEN|SECRET|PASS(?!ED|THR)|_PWD|CREDENTIAL|_PAT(_|$)|AUTH(?!OR)|DSN|DATABASE|_URI|COOKIE|PRIVATE",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(r"_(FILE|PATH|DIR|SOCK|PROMPT|PROGRAM)$", re.IGNORECASE)
_SHORTEST = 6  # a shorter value may be a setting by chance
_PART = 8  # and one below this a part of a setting


def refuse_secrets(plain: Mapping[str, Any]) -> None:
    """See that no setting holds what an environment variable keeps secret, by reference or typed.

    Raises:
        UserError: one does. The message names the variable, not its value.
    """
    secrets = {
        name: value
        for name, value in os.environ.items()
        if _SECRET.search(name) and not _NO_SECRET.search(name) and len(value) >= _SHORTEST
    }
    for key, text in _texts(plain) if secrets else ():
        for name, value in secrets.items():
            if value == text or (len(value) >= _PART and value in text):
                raise UserError(
                    f"{key} holds the value of the variable {name}, and runs write their settings "
                    "to files.\nLeave it out: what needs a key reads it from the environment."
                )


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            path = f"{key}.{name}" if key else str(name)
            yield f"the name of a setting of {key or 'the run'}", str(name)
            yield from _texts(item, path)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _texts(item, f"{key}.{number}")
    elif value is not None and not isinstance(value, bool):
        yield key, f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
