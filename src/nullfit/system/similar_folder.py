"""The folder that was meant where the one that is named does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from nullfit.errors import override


def similar_folder(key: str, folder: Path, also_in: Iterable[Path] = (), option: str = "") -> str:
    """`` Did you mean key=…?`` with a folder of a similar name beside ``folder``, or in others.

    It is empty if there is none, or if nobody may look. An ``option`` stands before the key.
    """
    for place in dict.fromkeys((folder.parent, *also_in)):
        try:
            names = [path.name for path in place.iterdir() if path.is_dir()]
        except OSError:
            continue
        if close := get_close_matches(folder.name, names, n=1, cutoff=0.6):
            words = [*option.split(), override(key, str(place / close[0]))]
            return f" Did you mean {' '.join(words)}?"
    return ""
