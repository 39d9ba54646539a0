"""Settings whose value is a sentence, written on the command line as it is.

Hydra's grammar for overrides has commas, parentheses and quotes of its own, so SQL would have to
be quoted twice, for the shell and for Hydra. Here the second quotes are put around it.
"""

from collections.abc import Iterable

_KEYS = ("sql", "data.separator", "data.decimal")


def with_quotes(arguments: Iterable[str]) -> list[str]:
    """The arguments of a command, free text in Hydra's quotes.

    ``sql=select a, b from runs where a = 'x'`` becomes one string for Hydra instead of a choice
    of several. What is in quotes already (``sql="…"``, ``sql='…'``) stays as it is.
    """
    return [_with_quotes(argument) for argument in arguments]


def _with_quotes(argument: str) -> str:
    key, equals, text = argument.partition("=")
    if not equals or key.lstrip("+") not in _KEYS:
        return argument
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return argument
    # In quotes Hydra reads \" as a quote, \\ before one as a backslash, and ${…} as a reference.
    escaped = _before_quotes(text).replace("${", "\\${")
    return f'{key}="{escaped}"'


def _before_quotes(text: str) -> str:
    """Escape double quotes, and the backslashes right before them or at the end."""
    escaped, backslashes = "", 0
    for character in text:
        if character == '"':
            escaped += "\\" * (backslashes + 1)
        backslashes = backslashes + 1 if character == "\\" else 0
        escaped += character
    return escaped + "\\" * backslashes
