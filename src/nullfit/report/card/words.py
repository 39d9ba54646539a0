"""Settings and numbers in words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nullfit.errors import shown


def settings_words(settings: Mapping[str, Any]) -> str:
    """``lr=0.01, momentum=0.9``; what is null is left out."""
    given = {key: value for key, value in settings.items() if value is not None}
    return ", ".join(f"{key}={_word(value)}" for key, value in given.items())


def _word(value: object) -> str:
    """A value as the command line takes it, if it is not too long."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else shown(value)


def range_words(values: Iterable[float | int | None], form: Callable[[float], str]) -> str:
    """The lowest and the highest, "8 – 45", or the one that all are; "–" of none."""
    found = [value for value in values if value is not None]
    if not found:
        return "–"
    low, high = form(min(found)), form(max(found))
    return low if low == high else f"{low} – {high}"
