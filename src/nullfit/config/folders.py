"""Folders: that of the options, and those that a setting names."""

import difflib
from pathlib import Path

from nullfit.errors import UserError, override
from nullfit.system.files import at_home


def config_folder() -> Path:
    """The folder of the config groups: in the installed package, or beside ``src`` in a clone."""
    package = Path(__file__).resolve().parents[1]
    return package.parents[1] / "conf" if is_clone() else package / "conf"


def is_clone() -> bool:
    """Whether nullfit runs from its source, not as an installed package."""
    return not Path(__file__).resolve().parents[1].joinpath("conf").is_dir()


def named_folder(key: str, value: str) -> Path:
    """The folder of a run, or of a study, that the setting ``key`` names.

    Raises:
        UserError: there is none, or it is a file.
    """
    folder = Path(at_home(value))
    if folder.is_file():
        word = override(key, str(folder.parent))
        raise UserError(f"{key}={value} is a file: give the folder of the run, {word}.")
    if not folder.is_dir():
        raise UserError(
            f"{key}={value}: there is no such folder; paths start where the command is started."
            + _meant(key, folder)
        )
    return folder


def _meant(key: str, folder: Path) -> str:
    """A folder of a similar name beside it, or a study of that name among the outputs."""
    for place in dict.fromkeys((folder.parent, Path("outputs"))):
        if place.is_dir():
            names = [path.name for path in place.iterdir() if path.is_dir()]
            if close := difflib.get_close_matches(folder.name, names, n=1, cutoff=0.6):
                return f" Did you mean {override(key, str(place / close[0]))}?"
    return ""
