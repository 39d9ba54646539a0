"""The list of suspects, of which people delete rows."""

import os
from hashlib import sha256
from itertools import count
from pathlib import Path

from nullfit.console.messages import say
from nullfit.results.result import read_result
from nullfit.system.reading import is_regular

SUSPECTS = "suspects.csv"
LIST_DIGEST = "list_digest"  # SHA-256 of suspects.csv as it was written


def keep_edited(folder: Path) -> None:
    """Put the list aside if someone deleted rows of it since it was written."""
    path = folder / SUSPECTS
    if not is_regular(path):
        return
    result = read_result(folder) or {}
    written = result.get("clean", {}).get(LIST_DIGEST)
    if written is None or sha256(path.read_bytes()).hexdigest() == written:
        return
    number = next(n for n in count(1) if not os.path.lexists(folder / _edited(n)))
    path.rename(folder / _edited(number))
    say(f"  {path} was edited: it is kept as {_edited(number)}")


def _edited(number: int) -> str:
    return f"suspects-edited-{number}.csv"
