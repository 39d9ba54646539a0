"""Keys and passwords that must not get into a configuration, since runs write it down."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nullfit.errors import UserError

_SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)S?$", re.IGNORECASE)
_SHORTEST = 8  # a shorter value may stand in a setting by chance


def refuse_secrets(plain: Mapping[str, Any]) -> None:
    """See that no setting holds what an environment variable keeps secret, by reference or typed.

    Raises:
        UserError: one does. The message names the variable, not its value.
    """
    secrets = {
        name: value
        for name, value in os.environ.items()
        if _SECRET.search(name) and len(value) >= _SHORTEST
    }
    for key, text in _texts(plain) if secrets else ():
        for name, value in secrets.items():
            if value in text:
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
    elif isinstance(value, str):
        yield key, value
