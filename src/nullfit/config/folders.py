"""Folders: that of the options, and those that a setting names."""

from collections.abc import Iterable
from pathlib import Path

from nullfit.errors import UserError, override
from nullfit.system.files import at_home
from nullfit.system.similar_folder import similar_folder


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
    refuse_absent_folder(key, value, [Path("outputs")])
    return folder


def refuse_absent_folder(key: str, value: str, also_in: Iterable[Path] = ()) -> None:
    """See that the folder exists that ``key`` names; else one beside it, or in others, is proposed.

    Raises:
        UserError: there is none.
    """
    folder = Path(at_home(value))
    if not folder.is_dir():
        raise UserError(
            f"{key}={value}: there is no such folder; paths start where the command is started."
            + similar_folder(key, folder, also_in)
        )
