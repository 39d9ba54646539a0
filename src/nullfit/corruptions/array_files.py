"""Files of numbers that a corruption is given: read as arrays, never as pickles."""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from nullfit.errors import UserError, nearest
from nullfit.system.files import at_home
from nullfit.system.reading import ARRAYS_BYTES, NO_ARRAYS, open_regular


def content_of(path: str, setting: str) -> bytes:
    """The bytes of a file; ``setting`` names it in full, for the messages.

    Raises:
        UserError: there is no such file, it is too large, or it cannot be read.
    """
    place = Path(at_home(path))
    try:
        with open_regular(place, ARRAYS_BYTES, links=True) as file:
            return file.read()
    except FileNotFoundError as error:
        raise UserError(
            f"{setting}={path}: there is no such file; paths start where the command is started."
        ) from error


def numpy_array(content: bytes, path: str, key: str | None, setting: str) -> np.ndarray:
    """The array of an .npy file, or the one of an .npz file that ``key`` names.

    Raises:
        UserError: it is no such file, or has no array of this name.
    """
    try:
        loaded = np.load(io.BytesIO(content), allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        name = named(loaded.files, key, path)
        return np.asarray(loaded[name])
    except UserError:
        raise
    except NO_ARRAYS as error:
        raise UserError(
            f"corruption.{setting}={path} cannot be read as {Path(path).suffix} of plain numbers: "
            f"{(str(error) or repr(error)).splitlines()[0]}"
        ) from error


def named(names: Iterable[str], key: str | None, path: str) -> str:
    """``key`` if it is among the arrays of a file; without one, the only array there.

    Raises:
        UserError: it is not, or there are several to choose from.
    """
    known = list(names)
    if key is None and len(known) == 1:
        return known[0]
    if key is None:
        raise UserError(f"{path} holds {', '.join(known)}: choose one with corruption.key=….")
    if key not in known:
        raise UserError(f"corruption.key={key} is not in {path}." + nearest(key, known))
    return key
